export interface Account {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What is kept of an object besides its bytes; answered as headers. */
export interface Attributes {
  readonly contentType: string
  /** `x-amz-meta-*`, whole header names. */
  readonly metadata: Readonly<Record<string, string>>
  readonly storageClass: string
  /** Encryption headers as they are echoed. The bytes are not encrypted. */
  readonly encryption: Readonly<Record<string, string>>
}

export interface StoredObject extends Attributes {
  readonly bytes: Buffer
  readonly etag: string
  readonly modified: Date
  /** CRC32 of the whole object, if one was sent. */
  readonly crc32?: string | undefined
  /** When an archived object is (or was) readable again, in ms since 1970. */
  readonly thawedAt?: number | undefined
}

/** What a key was once. Without an object it is a marker that says: deleted. */
export interface Version {
  readonly id: string
  readonly modified: Date
  readonly object: StoredObject | undefined
}

export interface PendingUpload {
  readonly key: string
  readonly attributes: Attributes
  readonly started: Date
  readonly parts: Map<number, { readonly bytes: Buffer; readonly etag: string }>
}

export interface Bucket {
  readonly owner: Account
  /** What is there now, by key. */
  readonly objects: Map<string, StoredObject>
  /** Every version of every key, the newest first. */
  readonly history: Map<string, Version[]>
  readonly uploads: Map<string, PendingUpload>
  /** Actions that other accounts were allowed, such as `s3:GetObject`. */
  allowed: ReadonlySet<string>
  /** The setting as it was put. */
  versioning: string
  /** The lifecycle document as it was put; nothing here goes by it. */
  lifecycle: string | undefined
}

export interface State {
  readonly region: string
  readonly accounts: readonly Account[]
  readonly buckets: Map<string, Bucket>
  /** How long a thaw takes, in ms. */
  readonly thawTime: number
  /** The clock of the storage, in ms since 1970. */
  readonly now: () => number
  /** Listings tell times in whole seconds, as Amazon S3 does. */
  readonly wholeSeconds: boolean
  readonly pageSize: number
}
