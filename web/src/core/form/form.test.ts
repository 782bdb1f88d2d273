// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../api/problem'
import { fieldName, toFieldMap, useForm } from './form'

beforeEach(() => setActivePinia(createPinia()))

describe('field errors', () => {
  test.each([
    ['name', 'name'],
    ['grade.clause', 'grade.clause'],
    ['measures[0].text', 'measures.0.text'],
    ['/measures/0/text', 'measures.0.text'],
    ['$.grade.clause', 'grade.clause'],
  ])('%s is %s', (given, name) => expect(fieldName(given)).toBe(name))

  test('the first error of a field is shown, its code when there is no sentence', () => {
    expect(
      toFieldMap([
        { field: 'name', code: 'a', message: 'first' },
        { field: 'name', code: 'b', message: 'second' },
        { field: 'x[1]', code: 'c', message: '' },
      ]),
    ).toEqual({ name: 'first', 'x.1': 'c' })
  })

  test('a refused submit shows the fields and gives the form free again', async () => {
    const form = useForm()
    const error = new ApiError(422, 'request.invalid', '', '', 't', [{ field: 'name', code: 'x', message: 'no' }], {})
    expect(await form.submit(() => Promise.reject(error))).toBeUndefined()
    expect(form.errors).toEqual({ name: 'no' })
    expect(form.banner.value).toBe(error)
    expect(form.busy.value).toBe(false)
  })

  test('a double click sends once', async () => {
    const form = useForm()
    let sent = 0
    let finish: (value: number) => void = () => undefined
    const send = () => {
      sent += 1
      return new Promise<number>((resolve) => (finish = resolve))
    }
    const first = form.submit(send)
    expect(await form.submit(send)).toBeUndefined()
    finish(7)
    expect(await first).toBe(7)
    expect(sent).toBe(1)
  })
})
