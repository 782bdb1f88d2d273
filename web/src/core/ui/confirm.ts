// Yes-or-no questions and short notices, callable from anywhere.
import { ElMessage } from 'element-plus'
import 'element-plus/theme-chalk/el-message.css'
import { reactive } from 'vue'

export interface Question {
  title: string
  text: string
  ok: string
  danger?: boolean
}

export const asked = reactive<{ open: boolean; question: Question | null }>({
  open: false,
  question: null,
})
let answer: ((yes: boolean) => void) | null = null

export function confirmAction(question: Question): Promise<boolean> {
  answer?.(false)
  asked.question = question
  asked.open = true
  return new Promise((resolve) => (answer = resolve))
}

export function settleQuestion(yes: boolean): void {
  asked.open = false
  answer?.(yes)
  answer = null
}

export function notify(message: string, type: 'success' | 'error' | 'info' = 'success'): void {
  ElMessage({ message, type, grouping: true, duration: type === 'error' ? 6000 : 3000, plain: true })
}
