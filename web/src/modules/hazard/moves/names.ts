// Names of moves: the server's for a hazard's own moves, ours in lists and the time line.
import { hasText, translate } from '@/core/i18n'

export function moveName(code: string | null): string {
  if (!code) return ''
  const key = `hazard.move.${code}`
  return hasText(key) ? translate(key) : code
}
