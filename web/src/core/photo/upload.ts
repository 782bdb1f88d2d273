// Photos on their way to the server: shrink, send with progress, retry.
import { computed, onScopeDispose, reactive } from 'vue'
import { ApiError } from '../api/problem'
import { apiBase, request } from '../api/request'
import { shrinkPhoto } from '../image/shrink'

export interface StoredFile {
  id: string
  name: string
  size: number
  content_type: string
  width: number
  height: number
}

export interface Photo {
  key: number
  name: string
  preview: string
  status: 'shrinking' | 'sending' | 'done' | 'failed'
  percent: number
  reason: string
  fileId: string
}

export const photoLimit = 10 * 1024 * 1024

export function photoFault(file: { type: string; size: number }): '' | 'kind' {
  return /^image\/(jpeg|png|webp)$/.test(file.type) ? '' : 'kind'
}

export function fileUrl(id: string): string {
  return `${apiBase}/files/${encodeURIComponent(id)}`
}

let lastKey = 0

export function usePhotos(max: number) {
  const photos = reactive<Photo[]>([])
  const sources = new Map<number, File>()
  onScopeDispose(() => photos.forEach((photo) => URL.revokeObjectURL(photo.preview)))

  async function send(photo: Photo): Promise<void> {
    const source = sources.get(photo.key)
    if (!source) return
    photo.status = 'shrinking'
    photo.percent = 0
    photo.reason = ''
    const file = await shrinkPhoto(source)
    if (file.size > photoLimit) {
      photo.status = 'failed'
      photo.reason = 'large'
      return
    }
    photo.status = 'sending'
    const form = new FormData()
    form.append('file', file, file.name)
    try {
      const stored = await request<StoredFile>('POST', '/files', {
        form,
        onProgress: (sent, total) => (photo.percent = Math.round((sent / total) * 100)),
      })
      photo.fileId = stored.id
      photo.status = 'done'
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      photo.status = 'failed'
      photo.reason = error.fields[0]?.message || error.detail || error.title
    }
  }

  // Returns why a file was not taken, or ''.
  function add(files: Iterable<File>): '' | 'kind' | 'limit' {
    let refused: '' | 'kind' | 'limit' = ''
    for (const file of files) {
      if (photos.length >= max) return 'limit'
      const fault = photoFault(file)
      if (fault) {
        refused = fault
        continue
      }
      photos.push({ key: ++lastKey, name: file.name, preview: URL.createObjectURL(file), status: 'shrinking', percent: 0, reason: '', fileId: '' })
      sources.set(lastKey, file)
      const photo = photos[photos.length - 1]
      if (photo) void send(photo)
    }
    return refused
  }

  function remove(photo: Photo): void {
    const index = photos.indexOf(photo)
    if (index < 0) return
    URL.revokeObjectURL(photo.preview)
    sources.delete(photo.key)
    photos.splice(index, 1)
  }

  return {
    photos,
    add,
    remove,
    retry: send,
    busy: computed(() => photos.some((photo) => photo.status === 'shrinking' || photo.status === 'sending')),
    ids: computed(() => photos.filter((photo) => photo.status === 'done').map((photo) => photo.fileId)),
  }
}

export type Photos = ReturnType<typeof usePhotos>
