import { api, type Page, type Query } from '@/core/api/request'

export interface Organisation {
  id: string
  name: string
}

export interface Role {
  code: string
  name: string
}

export interface UserRow {
  id: string
  account: string
  name: string
  org_id: string
  org_name: string
  region_name?: string
  phone?: string
  roles: Role[]
  disabled: boolean
  locked: boolean
  must_change_password: boolean
  last_login_at: number | null
  version: number
}

export interface Token {
  id: string
  name: string
  created_at: number
  expires_on: string | null
  last_used_at: number | null
}

// The server answers the one-time password once; it is never shown again.
export interface IssuedPassword {
  initial_password?: string
  password?: string
}

export const identityApi = {
  users: (query: Query, signal?: AbortSignal) => api.get<Page<UserRow>>('/users', query, { signal }),
  organisations: () => api.get<Page<Organisation>>('/organisations', { limit: 100 }),
  roles: () => api.get<Page<Role>>('/roles', { limit: 100 }),
  createUser: (body: unknown) => api.post<UserRow & IssuedPassword>('/users', body),
  resetPassword: (id: string) => api.post<IssuedPassword>(`/users/${id}/password-reset`),
  disable: (id: string) => api.post<UserRow>(`/users/${id}/disable`),
  enable: (id: string) => api.post<UserRow>(`/users/${id}/enable`),
  unlock: (id: string) => api.post<UserRow>(`/users/${id}/unlock`),
  tokens: () => api.get<Page<Token>>('/tokens'),
  createToken: (body: { name: string; expires_on?: string }) =>
    api.post<Token & { token: string }>('/tokens', body),
  removeToken: (id: string) => api.remove<void>(`/tokens/${id}`),
}
