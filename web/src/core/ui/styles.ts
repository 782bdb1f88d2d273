// Styles in their order: ours, the kit's variables, and our tokens over them.
import './base.css'
import 'element-plus/theme-chalk/base.css'
import './tokens.css'
