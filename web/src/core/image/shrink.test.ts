import { describe, expect, test, vi } from 'vitest'
import { fitSize, longestSide, needsShrink, shrinkAbove, shrinkPhoto, type Codec } from './shrink'

const photo = (size: number, type = 'image/jpeg') => new File([new Uint8Array(size)], 'IMG_1.png', { type })
const codec = (blobSize: number | null, width = 4000, height = 3000) => {
  const bitmap = { width, height, close: vi.fn() } as unknown as ImageBitmap
  const encode = vi.fn((_bitmap: ImageBitmap, _size: { width: number; height: number }) =>
    Promise.resolve(blobSize === null ? null : new Blob([new Uint8Array(blobSize)])),
  )
  const whole: Codec = { decode: () => Promise.resolve(bitmap), encode }
  return { whole, encode, bitmap }
}

describe('shrinking', () => {
  test.each([
    [{ width: 4000, height: 3000 }, { width: 2560, height: 1920 }],
    [{ width: 3000, height: 4000 }, { width: 1920, height: 2560 }],
    [{ width: 800, height: 600 }, { width: 800, height: 600 }],
    [{ width: 20000, height: 2 }, { width: 2560, height: 1 }],
  ])('%j fits into %j', (size, fitted) => expect(fitSize(size, longestSide)).toEqual(fitted))

  test('only large pictures are touched', () => {
    expect(needsShrink({ size: shrinkAbove, type: 'image/jpeg' })).toBe(false)
    expect(needsShrink({ size: shrinkAbove + 1, type: 'image/jpeg' })).toBe(true)
    expect(needsShrink({ size: shrinkAbove + 1, type: 'application/pdf' })).toBe(false)
  })

  test('a large photo becomes a smaller JPEG of the fitted size', async () => {
    const { whole, encode, bitmap } = codec(1000)
    const made = await shrinkPhoto(photo(shrinkAbove + 1), whole)
    expect(made.name).toBe('IMG_1.jpg')
    expect(made.type).toBe('image/jpeg')
    expect(made.size).toBe(1000)
    expect(encode.mock.calls[0]?.[1]).toEqual({ width: 2560, height: 1920 })
    expect(bitmap.close).toHaveBeenCalled()
  })

  test('the original is kept when it would not get smaller or cannot be read', async () => {
    const original = photo(shrinkAbove + 1)
    expect(await shrinkPhoto(original, codec(shrinkAbove + 2).whole)).toBe(original)
    expect(await shrinkPhoto(original, codec(null).whole)).toBe(original)
    const broken: Codec = { ...codec(1).whole, decode: () => Promise.reject(new Error('unreadable')) }
    expect(await shrinkPhoto(original, broken)).toBe(original)
  })
})
