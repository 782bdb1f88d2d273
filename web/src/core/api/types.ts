// Generated from the server's OpenAPI document by scripts/generate-api.mjs. Do not edit.
/* eslint-disable */

export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail?: string
  trace_id: string
  fields?: {
    field: string
    code: string
    message: string
    params?: Record<string, string>
  }[]
}

export type AssetList = {
  items: Asset[]
  next_cursor: string | null
}

export type Asset = {
  id: string
  asset_no: string
  name: string
  sector: string
  type: string
  status: string
  region_id: string
  region_name: string
  region_status: "located" | "unconfirmed"
  address: string
  longitude: number
  latitude: number
  org_id: string | null
  org_name: string
  source: string
  crs_source: string
  extra: unknown
  version: number
}

export type AuditChain = {
  head_seq: string | null
  checkpoints: number
  checkpointed_seq: string | null
  last_verified: {
    at: number
    through_seq: string | null
    whole: boolean
    bad_seq: string | null
    damage: string
  } | null
}

export type AuditRecordPage = {
  items: AuditRecord[]
  next_cursor: string | null
}

export type AuditRecord = {
  seq: string
  at: number
  actor_id: string | null
  actor: string
  session: string
  address: string
  route: string
  action: string
  action_name: string
  object_type: string
  object_id: string | null
  result: "done" | "refused"
  note: string
  trace_id: string
  hash: string
  changes: {
    field: string
    before: string
    after: string
  }[]
}

export type DictionaryList = {
  items: Dictionary[]
}

export type Dictionary = {
  code: string
  name: string
  entries: {
    code: string
    name: string
    color?: string
  }[]
}

export type UploadedFile = {
  id: string
  name: string
  size: number
  content_type: string
  width: number
  height: number
  sha256: string
  taken_at: number | null
}

export type ReportRequest = {
  client_uuid: string
  source: "report" | "inspection" | "monitoring" | "citizen" | "hotline" | "transfer" | "import"
  name: string
  type: "equipment_fault" | "environment" | "improper_operation" | "management_defect" | "other"
  sector: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
  reporter_grade: "ordinary" | "major"
  asset_id?: string
  region_id?: string
  address: string
  longitude: number
  latitude: number
  floor?: string
  part?: string
  nature: string
  cause?: string
  consequence?: string
  affected_people?: number
  reporter_name?: string
  reporter_phone?: string
  urgent?: boolean
  photo_ids?: string[]
}

export type HazardDetail = {
  id: string
  hazard_no: string
  name: string
  state: "draft" | "reported" | "returned" | "reviewing" | "rejected" | "archived" | "rectifying" | "awaiting_verification" | "awaiting_write_off" | "written_off"
  type: "equipment_fault" | "environment" | "improper_operation" | "management_defect" | "other"
  sector: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
  hazard_grade: "ordinary" | "major" | null
  reporter_grade: "ordinary" | "major"
  risk_grade: "low" | "general" | "considerable" | "major" | null
  region_id: string
  region_name: string
  region_status: "located" | "unconfirmed"
  address: string
  longitude: number
  latitude: number
  org_name: string | null
  reported_at: number
  due_at: number | null
  overdue: boolean
  round: number
  version: number
  next_move: string | null
  cover_photo_id: string | null
  urgent: boolean
  source: "report" | "inspection" | "monitoring" | "citizen" | "hotline" | "transfer" | "import"
  floor: string | null
  part: string | null
  nature: string
  cause: string | null
  consequence: string | null
  affected_people: number | null
  asset: {
    id: string
    name: string
    asset_no: string
  } | null
  reporter: {
    id: string
    name: string
    org_name: string | null
    phone: string | null
  }
  duties: HazardDuty[]
  photos: HazardPhoto[]
  review: HazardReview | null
  plan: HazardPlan | null
  rectification: HazardRectification | null
  verification: HazardVerification | null
  write_off: HazardWriteOff | null
  archive_no: string | null
  latest_due_on: string | null
  moves: HazardMove[]
}

export type HazardDuty = {
  kind: string
  org_id: string
  org_name: string
  person_id: string | null
  person_name: string | null
  phone: string | null
  basis: string
}

export type HazardPhoto = {
  file_id: string
  kind: string
  taken_at: number | null
  name: string
}

export type HazardReview = {
  basic_information: {
    ok: boolean
    comment: string | null
  }
  accuracy: {
    ok: boolean
    comment: string | null
  }
  new_risk: {
    found: boolean
    items: string[]
    comment: string | null
  }
  influence: {
    degree: string
    comment: string | null
  }
  grade: {
    hazard_grade: "ordinary" | "major"
    risk_grade: "low" | "general" | "considerable" | "major"
    clause: string | null
    comment: string | null
  }
  opinion: string | null
  reviewer_name: string
  reviewed_at: number
}

export type HazardPlan = {
  responsible_person: string
  measures: {
    text: string
    due_on: string
  }[]
  funds_amount: number | null
  funds_source: string | null
  due_on: string
  contingency: string | null
  interim_controls: string | null
  author_name: string
  created_at: number
}

export type HazardRectification = {
  measures_done: string
  cost: number | null
  self_check: boolean
  round: number
  rectifier_name: string
  reported_at: number
}

export type HazardVerification = {
  method: string | null
  result: string
  opinion: string
  new_due_on: string | null
  round: number
  verifier_name: string
  verified_at: number
}

export type HazardWriteOff = {
  residual_risk_grade: "low" | "general" | "considerable" | "major"
  opinion: string
  by_name: string
  at: number
}

export type HazardMove = {
  move: string
  name: string
  allowed: boolean
  reason_code: string | null
  reason: string | null
}

export type HazardPage = {
  items: HazardSummary[]
  next_cursor: string | null
}

export type HazardSummary = {
  id: string
  hazard_no: string
  name: string
  state: "draft" | "reported" | "returned" | "reviewing" | "rejected" | "archived" | "rectifying" | "awaiting_verification" | "awaiting_write_off" | "written_off"
  type: "equipment_fault" | "environment" | "improper_operation" | "management_defect" | "other"
  sector: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
  hazard_grade: "ordinary" | "major" | null
  reporter_grade: "ordinary" | "major"
  risk_grade: "low" | "general" | "considerable" | "major" | null
  region_id: string
  region_name: string
  region_status: "located" | "unconfirmed"
  address: string
  longitude: number
  latitude: number
  org_name: string | null
  reported_at: number
  due_at: number | null
  overdue: boolean
  round: number
  version: number
  next_move: string | null
  cover_photo_id: string | null
  urgent: boolean
}

export type HazardCounts = {
  by_state: {
    draft: number
    reported: number
    returned: number
    reviewing: number
    rejected: number
    archived: number
    rectifying: number
    awaiting_verification: number
    awaiting_write_off: number
    written_off: number
  }
  todo: number
  overdue: number
  total: number
}

export type HazardCommentPage = {
  items: HazardComment[]
  next_cursor: string | null
}

export type HazardComment = {
  id: string
  text: string
  author_id: string
  author_name: string
  author_org: string | null
  at: number
}

export type HazardCommentRequest = {
  text: string
}

export type HazardTimeline = {
  items: HazardEvent[]
  next_cursor: string | null
}

export type HazardEvent = {
  id: string
  at: number
  kind: "move" | "comment"
  move: string | null
  from: string | null
  to: string | null
  actor_name: string
  actor_org: string | null
  actor_roles: string[]
  duty_kind: string | null
  round: number
  note: string | null
  duration_ms: number | null
  late: boolean
  photos: string[]
}

export type TransitionRequest = AcceptRequest | ReturnRequest | ResubmitRequest | RejectRequest | ConfirmRequest | PlanRequest | ReportDoneRequest | FailRequest | PassRequest | WriteOffRequest

export type AcceptRequest = {
  move: "accept"
  version?: number
  duties?: ({
    kind: "principal" | "territorial" | "sectoral" | "general"
    org_id: string
    person_id?: string
  })[]
  note?: string
}

export type ReturnRequest = {
  move: "return"
  version?: number
  reason: string
}

export type ResubmitRequest = {
  move: "resubmit"
  version?: number
  source?: "report" | "inspection" | "monitoring" | "citizen" | "hotline" | "transfer" | "import"
  name?: string
  type?: "equipment_fault" | "environment" | "improper_operation" | "management_defect" | "other"
  sector?: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
  reporter_grade?: "ordinary" | "major"
  asset_id?: string
  region_id?: string
  address?: string
  longitude?: number
  latitude?: number
  floor?: string
  part?: string
  nature?: string
  cause?: string
  consequence?: string
  affected_people?: number
  reporter_name?: string
  reporter_phone?: string
  urgent?: boolean
  photo_ids?: string[]
  note?: string
}

export type RejectRequest = {
  move: "reject"
  version?: number
  reason: string
}

export type ConfirmRequest = {
  move: "confirm"
  version?: number
  basic_information: {
    ok: boolean
    comment?: string
  }
  accuracy: {
    ok: boolean
    comment?: string
  }
  new_risk: {
    found: boolean
    items?: string[]
    comment?: string
  }
  influence: {
    degree: "low" | "medium" | "high"
    comment?: string
  }
  grade: {
    hazard_grade: "ordinary" | "major"
    risk_grade: "low" | "general" | "considerable" | "major"
    clause?: string
    comment?: string
  }
  opinion?: string
}

export type PlanRequest = {
  move: "plan"
  version?: number
  responsible_person: string
  measures: {
    text: string
    due_on: string
  }[]
  due_on: string
  funds_amount?: number
  funds_source?: string
  contingency?: string
  interim_controls?: string
}

export type ReportDoneRequest = {
  move: "report_done"
  version?: number
  measures_done: string
  cost?: number
  self_check: boolean
  photo_ids: string[]
}

export type FailRequest = {
  move: "fail"
  version?: number
  reason: string
  due_on: string
}

export type PassRequest = {
  move: "pass"
  version?: number
  method: "site_visit" | "photo" | "sensor"
  opinion: string
  photo_ids?: string[]
}

export type WriteOffRequest = {
  move: "write_off"
  version?: number
  residual_risk_grade: "low" | "general" | "considerable" | "major"
  opinion: string
}

export type NoticeList = {
  items: Notice[]
  next_cursor?: string | null
}

export type Notice = {
  id: string
  title: string
  body: string
  link: string
  at: number
  read_at: number | null
}

export type NoticeCount = {
  unread: number
}

export type Organisation = {
  id: string
  parent_id: string | null
  code: string
  name: string
  kind: string
  region_id: string | null
  sector: string
  status: string
}

export type RegionList = {
  items: Region[]
  next_cursor?: string | null
}

export type Region = {
  id: string
  parent_id: string | null
  code: string
  name: string
  level: string
  has_children: boolean
  longitude: number | null
  latitude: number | null
}

export type Location = {
  region_id: string | null
  name: string
  path_names: string[]
  status: "located" | "unconfirmed"
  note: string
  note_code: string
}

export type Role = {
  code: string
  name: string
  scope_kind: string
  exclusive: boolean
  permissions: string[]
}

export type LoginRequest = {
  account: string
  password: string
}

export type SessionView = {
  user: {
    id: string
    account: string
    name: string
    org_id: string | null
    org_name: string
    region_id: string | null
    region_name: string
    roles: {
      code: string
      name: string
    }[]
  }
  permissions: string[]
  menus: Menu[]
  must_change_password: boolean
  password_expires_at: number
  last_login: {
    at: number
    address: string
  } | null
  expires_at: number | null
  idle_timeout_s: number
  language: string
  theme: string
  product_title: string
}

export type Menu = {
  code: string
  name: string
  icon: string
  path: string
  mobile: boolean
  children: unknown[]
}

export type PasswordChange = {
  current_password: string
  new_password: string
}

export type Preferences = {
  language?: "zh-CN" | "en"
  theme?: "light" | "dark" | "system"
}

export type Status = {
  program: string
  version: string
  now: number
  store: string
  processes: StatusProcess[]
  jobs: StatusJob[]
  pools: StatusPool[]
  connections: number
}

export type StatusProcess = {
  name: string
  state: string
  pid: number
  started_at: number | null
  restarts: number
}

export type StatusJob = {
  name: string
  started_at: number | null
  succeeded_at: number | null
  took_ms: number
  runs: number
  failures_in_row: number
  error: string | null
}

export type StatusPool = {
  name: string
  queued: number
  running: number
  finished: number
  refused: number
}

export type Token = {
  id: string
  name: string
  permissions: string[]
  created_at: number
  expires_at: number
  last_used_at: number | null
  token?: string
}

export type TokenRequest = {
  name: string
  expires_on: string
  permissions?: string[]
}

export type User = {
  id: string
  account: string
  name: string
  phone: string
  org_id: string | null
  org_name: string
  region_id: string | null
  sector: string
  language: string
  status: "enabled" | "disabled"
  locked: boolean
  must_change_password: boolean
  last_login_at: number | null
  roles: Grant[]
  version: number
}

export type Grant = {
  role: string
  scope_kind?: "all" | "region_tree" | "sector" | "organisation_tree" | "organisation" | "self"
  region_id?: string | null
  org_id?: string | null
  sector?: string
}

export type UserRequest = {
  name: string
  phone?: string
  org_id?: string | null
  region_id?: string | null
  sector?: string
  language?: "zh-CN" | "en"
  roles?: Grant[]
  account: string
}

export type IssuedPassword = {
  user: User
  initial_password: string
  initial_password_expires_at: number
}

export type UserUpdate = {
  name?: string
  phone?: string
  org_id?: string | null
  region_id?: string | null
  sector?: string
  language?: "zh-CN" | "en"
  roles?: Grant[]
  version: number
}

// What each operation takes and answers, by "METHOD /path".
export interface Operations {
  "GET /api/v1/assets": {
    query: {
      q?: string
      sector?: string
      region_id?: string
      bbox?: string
      cursor?: string
      limit?: number
    }
    answer: AssetList
  }
  "GET /api/v1/assets/{id}": {
    answer: Asset
  }
  "GET /api/v1/audit/chain": {
    answer: AuditChain
  }
  "GET /api/v1/audit/records": {
    query: {
      actor?: string
      action?: string
      object_id?: string
      from?: number
      to?: number
      cursor?: string
      limit?: number
    }
    answer: AuditRecordPage
  }
  "GET /api/v1/dictionaries": {
    answer: DictionaryList
  }
  "POST /api/v1/files": {
    answer: UploadedFile
  }
  "GET /api/v1/files/{id}": {
    answer: void
  }
  "GET /api/v1/hazards": {
    query: {
      state?: "draft" | "reported" | "returned" | "reviewing" | "rejected" | "archived" | "rectifying" | "awaiting_verification" | "awaiting_write_off" | "written_off"
      sector?: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
      hazard_grade?: "ordinary" | "major"
      risk_grade?: "low" | "general" | "considerable" | "major"
      region_id?: string
      asset_id?: string
      q?: string
      mine?: boolean
      todo?: boolean
      overdue?: boolean
      sort?: "-reported_at" | "reported_at" | "due_at" | "-due_at"
      cursor?: string
      limit?: number
    }
    answer: HazardPage
  }
  "POST /api/v1/hazards": {
    body: ReportRequest
    answer: HazardDetail
  }
  "GET /api/v1/hazards/counts": {
    query: {
      state?: "draft" | "reported" | "returned" | "reviewing" | "rejected" | "archived" | "rectifying" | "awaiting_verification" | "awaiting_write_off" | "written_off"
      sector?: "gas_pipeline" | "catering_gas" | "water_supply_drainage" | "elevator" | "confined_space" | "small_premises" | "hazardous_chemicals" | "charging" | "slope" | "waterlogging"
      hazard_grade?: "ordinary" | "major"
      risk_grade?: "low" | "general" | "considerable" | "major"
      region_id?: string
      asset_id?: string
      q?: string
      mine?: boolean
      todo?: boolean
      overdue?: boolean
    }
    answer: HazardCounts
  }
  "GET /api/v1/hazards/{id}": {
    answer: HazardDetail
  }
  "GET /api/v1/hazards/{id}/comments": {
    answer: HazardCommentPage
  }
  "POST /api/v1/hazards/{id}/comments": {
    body: HazardCommentRequest
    answer: HazardComment
  }
  "GET /api/v1/hazards/{id}/timeline": {
    answer: HazardTimeline
  }
  "POST /api/v1/hazards/{id}/transitions": {
    body: TransitionRequest
    answer: HazardDetail
  }
  "GET /api/v1/live": {
    answer: void
  }
  "GET /api/v1/map/borders": {
    answer: unknown
  }
  "GET /api/v1/notices": {
    query: {
      unread?: boolean
      cursor?: string
      limit?: number
    }
    answer: NoticeList
  }
  "GET /api/v1/notices/count": {
    answer: NoticeCount
  }
  "POST /api/v1/notices/{id}/read": {
    answer: void
  }
  "GET /api/v1/openapi.json": {
    answer: unknown
  }
  "GET /api/v1/organisations": {
    query: {
      q?: string
      cursor?: string
      limit?: number
    }
    answer: {
      items: Organisation[]
      next_cursor: string | null
    }
  }
  "GET /api/v1/regions": {
    query: {
      parent_id?: string
    }
    answer: RegionList
  }
  "GET /api/v1/regions/locate": {
    query: {
      lon?: number
      lat?: number
      crs?: "wgs84" | "gcj02" | "bd09"
    }
    answer: Location
  }
  "GET /api/v1/roles": {
    answer: {
      items: Role[]
      next_cursor: string | null
    }
  }
  "GET /api/v1/session": {
    answer: SessionView
  }
  "POST /api/v1/session": {
    body: LoginRequest
    answer: SessionView
  }
  "DELETE /api/v1/session": {
    answer: void
  }
  "PUT /api/v1/session/password": {
    body: PasswordChange
    answer: SessionView
  }
  "PUT /api/v1/session/preferences": {
    body: Preferences
    answer: void
  }
  "GET /api/v1/status": {
    answer: Status
  }
  "GET /api/v1/tokens": {
    answer: {
      items: Token[]
      next_cursor: string | null
    }
  }
  "POST /api/v1/tokens": {
    body: TokenRequest
    answer: Token
  }
  "DELETE /api/v1/tokens/{id}": {
    answer: void
  }
  "GET /api/v1/users": {
    query: {
      q?: string
      cursor?: string
      limit?: number
    }
    answer: {
      items: User[]
      next_cursor: string | null
    }
  }
  "POST /api/v1/users": {
    body: UserRequest
    answer: IssuedPassword
  }
  "PATCH /api/v1/users/{id}": {
    body: UserUpdate
    answer: User
  }
  "POST /api/v1/users/{id}/disable": {
    answer: User
  }
  "POST /api/v1/users/{id}/enable": {
    answer: User
  }
  "POST /api/v1/users/{id}/password-reset": {
    answer: IssuedPassword
  }
  "POST /api/v1/users/{id}/unlock": {
    answer: User
  }
  "GET /healthz": {
    answer: {
      status: string
    }
  }
}
