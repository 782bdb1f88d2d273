import { expect, test } from 'vitest'
import { checkAccount, passwordHints } from './account'

test.each([
  ['', 'accountBlank'],
  ['a', 'accountFormat'],
  ['wang street', 'accountFormat'],
  ['.hidden', 'accountFormat'],
  ['wang.street', ''],
  ['a1', ''],
])('account %j gives %j', (account, fault) => expect(checkAccount(account)).toBe(fault))

test.each([
  ['', []],
  ['short1A', ['kinds', 'account']],
  ['longlonglong', ['length', 'account']],
  ['wang.streetA1', ['length', 'kinds']],
  ['Quiet-harbour-7', ['length', 'kinds', 'account']],
])('password %j meets %j', (password, met) => {
  const hints = passwordHints(password, 'wang.street').filter((hint) => hint.ok)
  expect(hints.map((hint) => hint.code)).toEqual(met)
})
