// District outlines, fetched once per page load.
import type { FeatureCollection, Position } from 'geojson'
import { api } from '../api/request'

let pending: Promise<FeatureCollection> | null = null

export function loadBorders(): Promise<FeatureCollection> {
  pending ??= api.get<FeatureCollection>('/map/borders').catch((error: unknown) => {
    pending = null // the next map asks again
    throw error
  })
  return pending
}

export interface Point {
  longitude: number
  latitude: number
}

export interface Bounds {
  west: number
  south: number
  east: number
  north: number
}

// All rings of the collection's polygons.
export function ringsOf(collection: FeatureCollection): { name: string; rings: Position[][] }[] {
  return collection.features.flatMap((feature) => {
    const name = String(feature.properties?.name ?? '')
    const geometry = feature.geometry
    if (geometry.type === 'Polygon') return [{ name, rings: geometry.coordinates }]
    if (geometry.type === 'MultiPolygon') return [{ name, rings: geometry.coordinates.flat() }]
    return []
  })
}

export function boundsOf(positions: Position[]): Bounds | null {
  if (positions.length === 0) return null
  const bounds = { west: 180, south: 90, east: -180, north: -90 }
  for (const [longitude = 0, latitude = 0] of positions) {
    bounds.west = Math.min(bounds.west, longitude)
    bounds.east = Math.max(bounds.east, longitude)
    bounds.south = Math.min(bounds.south, latitude)
    bounds.north = Math.max(bounds.north, latitude)
  }
  return bounds
}

export function isPoint(value: Partial<Point> | null | undefined): value is Point {
  return (
    typeof value?.longitude === 'number' &&
    typeof value.latitude === 'number' &&
    Math.abs(value.longitude) <= 180 &&
    Math.abs(value.latitude) <= 90
  )
}

// Six digits are 0.1 m: more is noise.
export function rounded(longitude: number, latitude: number): Point {
  return { longitude: Math.round(longitude * 1e6) / 1e6, latitude: Math.round(latitude * 1e6) / 1e6 }
}

// One label place per area: the middle of its largest ring. Labels of the polygons themselves would be
// drawn once per tile.
export function labelPoints(collection: FeatureCollection): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: ringsOf(collection).flatMap(({ name, rings }) => {
      const sized = rings
        .map((ring) => boundsOf(ring))
        .filter((bounds) => bounds !== null)
        .sort((one, other) => (other.east - other.west) * (other.north - other.south) - (one.east - one.west) * (one.north - one.south))
      const bounds = sized[0]
      if (!bounds) return []
      return [
        {
          type: 'Feature' as const,
          properties: { name },
          geometry: { type: 'Point' as const, coordinates: [(bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2] },
        },
      ]
    }),
  }
}
