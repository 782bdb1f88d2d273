import { api, type Page, type Query } from '@/core/api/request'
import type { Grant, IssuedPassword, Organisation, Role, Token, TokenRequest, User as UserRow, UserRequest } from '@/core/api/types'

export type { Grant, IssuedPassword, Token, UserRequest, UserRow }

export const identityApi = {
  users: (query: Query, signal?: AbortSignal) => api.get<Page<UserRow>>('/users', query, { signal }),
  organisations: () => api.get<Page<Organisation>>('/organisations', { limit: 100 }),
  roles: () => api.get<Page<Role>>('/roles', { limit: 100 }),
  createUser: (body: UserRequest) => api.post<IssuedPassword>('/users', body),
  resetPassword: (id: string) => api.post<IssuedPassword>(`/users/${id}/password-reset`),
  disable: (id: string) => api.post<UserRow>(`/users/${id}/disable`),
  enable: (id: string) => api.post<UserRow>(`/users/${id}/enable`),
  unlock: (id: string) => api.post<UserRow>(`/users/${id}/unlock`),
  tokens: () => api.get<Page<Token>>('/tokens'),
  createToken: (body: TokenRequest) =>
    api.post<Token>('/tokens', body),
  removeToken: (id: string) => api.remove<void>(`/tokens/${id}`),
}
