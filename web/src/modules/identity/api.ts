import { api, type Page, type Query } from '@/core/api/request'

export interface Organisation {
  id: string
  name: string
  region_id: string | null
  sector: string
}

export interface Role {
  code: string
  name: string
  scope_kind: string // how far the role reaches when it is given
}

// A role given to a user, with the rows it reaches.
export interface Grant {
  role: string
  scope_kind?: string
  region_id?: string | null
  org_id?: string | null
  sector?: string
}

export interface UserRow {
  id: string
  account: string
  name: string
  phone: string
  org_id: string | null
  org_name: string
  status: 'enabled' | 'disabled'
  locked: boolean
  must_change_password: boolean
  last_login_at: number | null
  roles: Grant[]
  version: number
}

// The one-time password is answered once and never shown again.
export interface IssuedPassword {
  user: UserRow
  initial_password: string
  initial_password_expires_at: number
}

export interface Token {
  id: string
  name: string
  created_at: number
  expires_at: number
  last_used_at: number | null
}

export const identityApi = {
  users: (query: Query, signal?: AbortSignal) => api.get<Page<UserRow>>('/users', query, { signal }),
  organisations: () => api.get<Page<Organisation>>('/organisations', { limit: 100 }),
  roles: () => api.get<Page<Role>>('/roles', { limit: 100 }),
  createUser: (body: unknown) => api.post<IssuedPassword>('/users', body),
  resetPassword: (id: string) => api.post<IssuedPassword>(`/users/${id}/password-reset`),
  disable: (id: string) => api.post<UserRow>(`/users/${id}/disable`),
  enable: (id: string) => api.post<UserRow>(`/users/${id}/enable`),
  unlock: (id: string) => api.post<UserRow>(`/users/${id}/unlock`),
  tokens: () => api.get<Page<Token>>('/tokens'),
  createToken: (body: { name: string; expires_on: string }) =>
    api.post<Token & { token: string }>('/tokens', body),
  removeToken: (id: string) => api.remove<void>(`/tokens/${id}`),
}
