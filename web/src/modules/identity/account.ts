// Checks of the login and password forms; the server checks again.

// Which sentence to show, or '' when the account may be sent.
export function checkAccount(account: string): '' | 'accountBlank' | 'accountFormat' {
  if (account === '') return 'accountBlank'
  return /^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$/.test(account) ? '' : 'accountFormat'
}

// The rule for new accounts is narrower than what the login form lets through.
export function checkNewAccount(account: string): '' | 'accountBlank' | 'newAccount' {
  if (account === '') return 'accountBlank'
  return /^[a-z][a-z0-9._-]{2,31}$/.test(account) ? '' : 'newAccount'
}

export interface PasswordHint {
  code: 'length' | 'kinds' | 'account'
  ok: boolean
}

// The rules a new password must meet, each with whether it is met.
export function passwordHints(password: string, account: string): PasswordHint[] {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length
  const lower = password.toLowerCase()
  return [
    { code: 'length', ok: password.length >= 10 && password.length <= 128 },
    { code: 'kinds', ok: kinds >= 3 },
    { code: 'account', ok: password !== '' && !lower.includes(account.toLowerCase()) },
  ]
}
