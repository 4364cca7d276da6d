import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import type { CheckedOptions } from '../options.js'
import { nonceName } from '../ownership.js'
import { storageClassFor } from '../storage-class.js'

/** The parameters of an object besides its bytes, whether it is sent in one request or in parts. */
export function putParameters(
  { options, object }: Connection,
  { key, kind, nonce }: Attempt,
): PutObjectCommandInput {
  const { storageClass, serverSideEncryption, kmsKeyId, tags, objectLock } = options
  const storage = storageClassFor(kind, storageClass)
  return {
    ...object(key),
    Metadata: { [nonceName]: nonce },
    IfNoneMatch: '*',
    ContentType: 'application/octet-stream',
    ...(storage === undefined ? {} : { StorageClass: storage }),
    ...(serverSideEncryption === undefined ? {} : { ServerSideEncryption: serverSideEncryption }),
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    ...(tags === undefined ? {} : { Tagging: new URLSearchParams(tags).toString() }),
    ...(objectLock === undefined ? {} : lock(objectLock)),
  }
}

function lock(objectLock: Exclude<CheckedOptions['objectLock'], undefined>) {
  const until = 'days' in objectLock ? new Date(Date.now() + objectLock.days * day) : objectLock.retainUntil
  // S3 accepts a locked object only with a checksum, whatever requestChecksumCalculation says.
  return {
    ObjectLockMode: objectLock.mode,
    ObjectLockRetainUntilDate: until,
    ChecksumAlgorithm: 'CRC32' as const,
  }
}

const day = 24 * 60 * 60 * 1000
