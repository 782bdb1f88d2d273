import { api } from '@/core/api/request'
import type { Status } from '@/core/api/types'

export const statusApi = { get: () => api.get<Status>('/status') }
