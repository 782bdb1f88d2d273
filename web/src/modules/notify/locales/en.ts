export default {
  title: 'Notices',
  bell: 'Notices, {n} unread',
  unread: 'Unread only',
  read: 'Mark as read',
  open: 'Open',
  none: 'No notices',
  noneUnread: 'No unread notices',
  more: 'Load more',
  arrived: 'New notice; {n} unread',
}
