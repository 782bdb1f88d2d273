// Photos over 2 MiB are made smaller in the browser before they are sent: phones make 8 MB pictures
// and the street has slow networks. Orientation is baked into the pixels, because re-encoding drops
// the EXIF mark that carried it.

export const shrinkAbove = 2 * 1024 * 1024
export const longestSide = 2560
const quality = 0.85

export interface Size {
  width: number
  height: number
}

// The size that keeps the proportions with the longer side at most `limit`; never larger.
export function fitSize(size: Size, limit: number): Size {
  const longest = Math.max(size.width, size.height)
  if (longest <= limit) return size
  const factor = limit / longest
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  }
}

export function needsShrink(file: { size: number; type: string }): boolean {
  return file.size > shrinkAbove && /^image\/(jpeg|png|webp)$/.test(file.type)
}

export interface Codec {
  decode: (file: Blob) => Promise<ImageBitmap>
  encode: (bitmap: ImageBitmap, size: Size) => Promise<Blob | null>
}

const browserCodec: Codec = {
  // from-image applies the EXIF orientation while decoding.
  decode: (file) => createImageBitmap(file, { imageOrientation: 'from-image' }),
  encode: (bitmap, size) =>
    new Promise((resolve) => {
      const canvas = document.createElement('canvas')
      canvas.width = size.width
      canvas.height = size.height
      const context = canvas.getContext('2d')
      if (!context) {
        resolve(null)
        return
      }
      context.fillStyle = '#fff' // transparent PNG areas must not turn black in JPEG
      context.fillRect(0, 0, size.width, size.height)
      context.drawImage(bitmap, 0, 0, size.width, size.height)
      canvas.toBlob(resolve, 'image/jpeg', quality)
    }),
}

// The file itself when it is small, cannot be decoded here, or would not get smaller.
export async function shrinkPhoto(file: File, codec: Codec = browserCodec): Promise<File> {
  if (!needsShrink(file)) return file
  let bitmap: ImageBitmap
  try {
    bitmap = await codec.decode(file)
  } catch {
    return file // the server judges what this browser cannot read
  }
  try {
    const blob = await codec.encode(bitmap, fitSize(bitmap, longestSide))
    if (!blob || blob.size >= file.size) return file
    return new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' })
  } finally {
    bitmap.close()
  }
}
