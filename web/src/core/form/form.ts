// State of one form: values, the server's field errors by name, sending, and whether something
// would be lost by leaving.
import { computed, onBeforeUnmount, reactive, ref, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { ApiError, type FieldError } from '../api/problem'
import { translate } from '../i18n'
import { confirmAction } from '../ui/confirm'

// "measures[0].text", "/measures/0/text" and "measures.0.text" are one name.
export function fieldName(name: string): string {
  return name
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^\/|^\$\.?/, '')
    .replace(/\//g, '.')
}

export function toFieldMap(fields: FieldError[]): Record<string, string> {
  const map: Record<string, string> = {}
  for (const error of fields) {
    const name = fieldName(error.field)
    map[name] ??= error.message || error.code
  }
  return map
}

export interface FormState {
  errors: Record<string, string>
  banner: Ref<ApiError | null>
  busy: Ref<boolean>
  setErrors: (map: Record<string, string>) => boolean
  clear: (name: string) => void
  submit: <T>(send: () => Promise<T>) => Promise<T | undefined>
}

// Field errors that no visible field shows are put into the banner by FormBanner.
export function useForm(root?: Ref<HTMLElement | null>): FormState {
  const errors = reactive<Record<string, string>>({})
  const banner = ref<ApiError | null>(null) as Ref<ApiError | null>
  const busy = ref(false)

  function reset(): void {
    for (const key of Object.keys(errors)) delete errors[key]
    banner.value = null
  }

  // Shows the errors and moves to the first; false when there is any.
  function setErrors(map: Record<string, string>): boolean {
    reset()
    Object.assign(errors, map)
    const names = Object.keys(map)
    if (names.length === 0) return true
    window.requestAnimationFrame(() => focusFirst(root?.value ?? document.body))
    return false
  }

  async function submit<T>(send: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined // a double click is one call
    busy.value = true
    reset()
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const map = toFieldMap(error.fields)
      setErrors(map)
      banner.value = error
      return undefined
    } finally {
      busy.value = false
    }
  }

  return {
    errors,
    banner,
    busy,
    setErrors,
    clear: (name) => delete errors[name],
    submit,
  }
}

export function focusFirst(root: HTMLElement): void {
  const control = root.querySelector<HTMLElement>('[aria-invalid="true"]')
  const target = control?.matches('input,select,textarea,button')
    ? control
    : (control?.querySelector<HTMLElement>('input,select,textarea,button') ?? control)
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}

// Asks before a changed form is left, by a link or by closing the page.
export function useLeaveGuard(changed: () => boolean): { release: () => void } {
  let released = false
  const guarded = computed(() => !released && changed())
  const beforeUnload = (event: BeforeUnloadEvent) => {
    if (!released && changed()) event.preventDefault()
  }
  window.addEventListener('beforeunload', beforeUnload)
  onBeforeUnmount(() => window.removeEventListener('beforeunload', beforeUnload))
  onBeforeRouteLeave(async () => {
    if (released || !guarded.value) return true
    return confirmAction({
      title: translate('core.leave.title'),
      text: translate('core.leave.text'),
      ok: translate('core.leave.ok'),
      danger: true,
    })
  })
  return { release: () => (released = true) }
}
