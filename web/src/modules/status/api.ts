import { api } from '@/core/api/request'

export interface ProcessState {
  name: string
  state: string
  pid: number
  started_at: number | null
  restarts: number
}

export interface JobState {
  name: string
  started_at: number | null
  succeeded_at: number | null
  took_ms: number
  runs: number
  failures_in_row: number
  error: string | null
}

export interface PoolState {
  name: string
  queued: number
  running: number
  finished: number
  refused: number
}

export interface Status {
  program: string
  version: string
  now: number
  store: string
  processes: ProcessState[]
  jobs: JobState[]
  pools: PoolState[]
  connections: number
}

export const statusApi = { get: () => api.get<Status>('/status') }
