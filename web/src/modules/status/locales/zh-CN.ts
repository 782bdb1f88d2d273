export default {
  title: '运行状态',
  refreshed: '更新于 {at}，每 5 秒刷新',
  lost: '连不上服务器，显示的是 {at} 的情况',
  none: '服务器没有给出状态项',
  on: '正常',
  off: '未启用',
  bad: '异常',
}
