export default {
  title: 'System status',
  refreshed: 'As of {at}, refreshed every 5 seconds',
  lost: 'The server cannot be reached; this is the state of {at}',
  none: 'The server reported nothing',
  on: 'Working',
  off: 'Off',
  bad: 'Fault',
}
