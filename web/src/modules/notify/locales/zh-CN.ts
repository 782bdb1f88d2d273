export default {
  title: '通知',
  bell: '通知，{n} 条未读',
  unread: '只看未读',
  read: '标为已读',
  open: '查看',
  none: '没有通知',
  noneUnread: '没有未读通知',
  more: '加载更多',
  arrived: '收到新的通知，共 {n} 条未读',
}
