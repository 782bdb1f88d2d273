// Names of moves: the server's for a hazard's own moves, ours in lists and the time line.
import { hasText, translate } from '@/core/i18n'

export function moveName(code: string | null): string {
  if (!code) return ''
  const key = `hazard.move.${code}`
  return hasText(key) ? translate(key) : code
}

// The region in words; a place whose district a person still has to decide says so.
export function regionText(hazard: { region_name: string; region_status?: string }): string {
  if (hazard.region_status !== 'unconfirmed' && hazard.region_name) return hazard.region_name
  return [hazard.region_name, translate('core.map.unconfirmed')].filter(Boolean).join(' · ')
}
