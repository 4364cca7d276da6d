import type { Call, ObjectInfo } from './driver.js'

/** A manifest's object with the stamp from a listing; the stamp changes when the object does. */
export type StampedObject = ObjectInfo & { readonly stamp: string }

/**
 * Caches the bytes of manifests for displays, for one destination. It may forget, and it may be wrong: what
 * it gives is believed only if the seal of the manifest holds, and what restores, verifies or deletes never asks it.
 */
export interface ManifestCache {
  /** The bytes of this object with this stamp, or nothing. Never rejects. */
  get(object: StampedObject, call: Call): Promise<Uint8Array | undefined>
  /** Keeps them, if it can. Never rejects. */
  put(object: StampedObject, bytes: Uint8Array, call: Call): Promise<void>
}
