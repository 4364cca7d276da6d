import * as buckets from './buckets.ts'
import type { Answer, Exchange } from './exchange.ts'
import { listVersions } from './list-versions.ts'
import * as multipart from './multipart.ts'
import * as objects from './objects.ts'
import { S3Error } from './s3-error.ts'
import type { Bucket } from './state.ts'

interface Route {
  /** What another account needs to be allowed. */
  readonly action: string
  readonly answer: (exchange: Exchange, bucket: Bucket) => Answer
}

const route = (action: string, answer: Route['answer']): Route => ({ action: `s3:${action}`, answer })
const xmlAnswer = (body: string) => () => ({ status: 200, body })
const absent = (code: string) => () => {
  throw new S3Error(404, code)
}

/** `METHOD level[?parameter]`; the first parameter of the query that is listed decides. */
const routes: Readonly<Record<string, Route>> = {
  'HEAD bucket': route('ListBucket', () => ({ status: 200 })),
  'GET bucket': route('ListBucket', buckets.listObjects),
  'DELETE bucket': route('DeleteBucket', buckets.deleteBucket),
  'PUT bucket?policy': route('PutBucketPolicy', buckets.putPolicy),
  'GET bucket?uploads': route('ListBucketMultipartUploads', multipart.listUploads),
  'GET bucket?versioning': route('GetBucketVersioning', (_, { versioning }) => ({
    status: 200,
    body: versioning,
  })),
  'PUT bucket?versioning': route('PutBucketVersioning', buckets.putVersioning),
  'GET bucket?versions': route('ListBucketVersions', listVersions),
  'GET bucket?lifecycle': route('GetLifecycleConfiguration', buckets.getLifecycle),
  'PUT bucket?lifecycle': route('PutLifecycleConfiguration', buckets.putLifecycle),
  'GET bucket?location': route('GetBucketLocation', xmlAnswer('<LocationConstraint/>')),
  'GET bucket?object-lock': route(
    'GetBucketObjectLockConfiguration',
    absent('ObjectLockConfigurationNotFoundError'),
  ),
  'POST bucket?delete': route('DeleteObject', objects.deleteObjects),
  'PUT object': route('PutObject', (exchange, bucket) =>
    (exchange.headers['x-amz-copy-source'] === undefined ? objects.putObject : objects.copyObject)(
      exchange,
      bucket,
    ),
  ),
  'GET object': route('GetObject', objects.getObject),
  'HEAD object': route('GetObject', objects.getObject),
  'DELETE object': route('DeleteObject', objects.deleteObject),
  'POST object?restore': route('RestoreObject', objects.restoreObject),
  'POST object?uploads': route('PutObject', multipart.createUpload),
  'PUT object?uploadId': route('PutObject', multipart.uploadPart),
  'POST object?uploadId': route('PutObject', multipart.completeUpload),
  'DELETE object?uploadId': route('AbortMultipartUpload', multipart.abortUpload),
  'GET object?uploadId': route('ListMultipartUploadParts', multipart.listParts),
}
const parameters = [
  'uploadId',
  'uploads',
  'restore',
  'delete',
  'policy',
  'versioning',
  'versions',
  'lifecycle',
  'location',
  'object-lock',
]

export function answer(exchange: Exchange): Answer {
  const { method, bucket: name, key, query, state, account } = exchange
  if (name === '') return buckets.listBuckets(exchange)
  const parameter = parameters.find((candidate) => query.has(candidate))
  const level = key === '' ? 'bucket' : 'object'
  if (method === 'PUT' && level === 'bucket' && parameter === undefined) return buckets.createBucket(exchange)
  const bucket = state.buckets.get(name)
  if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket')
  const found = routes[`${method} ${level}${parameter === undefined ? '' : `?${parameter}`}`]
  if (found === undefined) throw new S3Error(501, 'NotImplemented')
  if (bucket.owner !== account && !bucket.allowed.has(found.action)) throw new S3Error(403, 'AccessDenied')
  return found.answer(exchange, bucket)
}
