import type { IncomingHttpHeaders } from 'node:http'
import type { CannedAnswer, Fault, FaultProxy, Rule } from './fault-proxy.ts'
import { foreignPage, proxyPage } from './foreign-pages.ts'
import * as listing from './listing-quirks.ts'

/** What a server, or something in front of it, does otherwise than Amazon S3, as rules of the fault proxy. */
export interface Quirk {
  /** For people: who does that. */
  readonly says: string
  readonly rules: readonly Rule[]
}

const writes = /^(PUT|POST) /
const listings = /^GET \S*[?&]list-type=2/

const sends =
  (name: RegExp) =>
  (headers: IncomingHttpHeaders): boolean =>
    Object.keys(headers).some((header) => name.test(header))

const refuses = (status: number, code: string, message?: string): CannedAnswer => ({
  kind: 'answer',
  status,
  code,
  ...(message === undefined ? {} : { message }),
})

/** The same fault for every request that sends a header. */
const header = (name: RegExp, fault: Fault, match = /./): readonly Rule[] => [
  { match, when: sends(name), fault },
]
const every = (match: RegExp, fault: Fault): readonly Rule[] => [{ match, fault }]
const rewritten = (rewrite: (body: string) => string): readonly Rule[] =>
  every(listings, { kind: 'rewritten-answer', rewrite })

const checksum = /^x-amz-(checksum|sdk-checksum)-/
const condition = /^if-none-match$/

/** Every quirk by its name. */
export const quirks = {
  'checksums-400': {
    says: 'Refuses checksum headers, also on reads (B2 before it knew them)',
    rules: header(
      checksum,
      refuses(
        400,
        'InvalidArgument',
        "Unsupported header 'x-amz-checksum-crc32' received for this API call.",
      ),
    ),
  },
  'checksums-501': {
    says: 'Refuses checksum headers of uploads as not implemented (R2 in early 2025, older MinIO)',
    rules: header(
      checksum,
      refuses(501, 'NotImplemented', "Header 'x-amz-checksum-crc32' with value '8FJbTw==' not implemented"),
      writes,
    ),
  },
  'checksums-400-unnamed': {
    says: 'Refuses checksum headers without saying what it refuses',
    rules: header(checksum, refuses(400, 'InvalidRequest', 'Invalid Request'), writes),
  },
  'conditions-400': {
    says: 'Refuses If-None-Match as an invalid argument',
    rules: header(condition, refuses(400, 'InvalidArgument', 'If-None-Match is not supported')),
  },
  'conditions-400-unnamed': {
    says: 'Refuses If-None-Match with 400 and nothing else',
    rules: header(condition, { kind: 'answer', status: 400, body: '' }),
  },
  'conditions-405': {
    says: 'Refuses If-None-Match as a method that is not allowed',
    rules: header(condition, refuses(405, 'MethodNotAllowed')),
  },
  'conditions-501': {
    says: 'Refuses If-None-Match as not implemented (Amazon S3 before August 2024)',
    rules: header(
      condition,
      refuses(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented'),
    ),
  },
  'conditions-501-html': {
    says: 'A proxy refuses If-None-Match with a web page',
    rules: header(condition, proxyPage(501, 'Not Implemented')),
  },
  'conditions-and-checksums-400': {
    says: 'Refuses checksum headers and If-None-Match, without saying what it refuses',
    rules: [
      ...header(checksum, refuses(400, 'InvalidRequest'), writes),
      ...header(condition, refuses(400, 'InvalidRequest')),
    ],
  },
  'conflict-once': {
    says: 'Answers a conditional write with 409 ConditionalRequestConflict, once',
    rules: [{ match: /^PUT /, times: 1, fault: refuses(409, 'ConditionalRequestConflict') }],
  },
  'aborted-once': {
    says: 'Answers a write with 409 OperationAborted, once',
    rules: [
      {
        match: /^PUT /,
        times: 1,
        fault: refuses(409, 'OperationAborted', 'A conflicting operation is in progress. Please try again.'),
      },
    ],
  },
  'always-exists': {
    says: 'Answers every conditional write with 412',
    rules: header(condition, refuses(412, 'PreconditionFailed')),
  },
  console: {
    says: 'The port of a web console instead of the API (MinIO Console)',
    rules: every(/./, foreignPage('MinIO Console')),
  },
  'login-page': {
    says: 'A captive portal answers listings with its login page',
    rules: every(listings, foreignPage('Please log in')),
  },
  'empty-listing-page': {
    says: 'Listings are answered with 200 and nothing',
    rules: every(listings, { kind: 'answer', status: 200, body: '' }),
  },
  'json-listing-page': {
    says: 'Some other service answers, in JSON',
    rules: every(listings, {
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"ok":true}',
    }),
  },
  'other-xml': {
    says: 'Some other service answers, in XML',
    rules: every(listings, {
      kind: 'answer',
      status: 200,
      body: '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>',
    }),
  },
  'torn-xml': {
    says: 'Listings break off in the middle, with a length that fits',
    rules: rewritten((body) => body.slice(0, body.length - 30)),
  },
  'html-deletions': {
    says: 'Calls the empty answers to deletions web pages (moto)',
    rules: every(/^DELETE /, {
      kind: 'answer',
      status: 204,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '',
    }),
  },
  redirect: {
    says: 'Everything is redirected to another place',
    rules: every(/./, {
      kind: 'answer',
      status: 302,
      headers: { location: 'https://login.example/', 'content-type': 'text/html' },
      body: '<html><body>Found</body></html>',
    }),
  },
  'proxy-401': { says: 'A proxy wants a login', rules: every(/./, proxyPage(401, 'Unauthorized')) },
  'proxy-403': { says: 'A firewall refuses uploads', rules: every(writes, proxyPage(403, 'Forbidden')) },
  'proxy-404': { says: 'A web server knows no such page', rules: every(/./, proxyPage(404, 'Not Found')) },
  'proxy-413': {
    says: 'A proxy refuses large bodies (nginx, client_max_body_size)',
    rules: [
      {
        match: writes,
        when: (headers) => Number(headers['content-length']) > 1024 * 1024,
        fault: proxyPage(413, 'Request Entity Too Large'),
      },
    ],
  },
  'proxy-413-everything': {
    says: 'A proxy refuses every body',
    rules: every(/^PUT /, proxyPage(413, 'Request Entity Too Large')),
  },
  'proxy-502': { says: 'A proxy cannot reach the storage', rules: every(/./, proxyPage(502, 'Bad Gateway')) },
  'proxy-504': {
    says: 'A proxy waits too long for the storage',
    rules: every(/./, proxyPage(504, 'Gateway Time-out')),
  },
  'storage-cap': {
    says: 'The account’s cap is reached (B2)',
    rules: every(
      writes,
      refuses(
        403,
        'AccessDenied',
        'Cannot upload files, storage cap exceeded. See the Caps &amp; Alerts page to increase your cap.',
      ),
    ),
  },
  'quota-forbidden': {
    says: 'The bucket’s quota is used up (Garage)',
    rules: every(writes, refuses(403, 'Forbidden', 'Maximum size quota (1GB) exceeded')),
  },
  'keys-repeated': { says: 'Listings name each key twice', rules: rewritten(listing.keysRepeated) },
  'folder-markers': {
    says: 'Listings hold folder markers that a console made',
    rules: rewritten(listing.withFolderMarkers),
  },
  'keys-encoded': {
    says: 'Listings encode keys as in a URL, without being asked',
    rules: rewritten(listing.keysEncoded),
  },
  'no-token': {
    says: 'Listings have more than a page, and no token for the next one',
    rules: rewritten(listing.withoutToken),
  },
  'never-the-end': {
    says: 'Listings always say that there is more, without a token',
    rules: rewritten(listing.neverTheEnd),
  },
  'same-token': {
    says: 'Listings give the same token for ever',
    rules: rewritten(listing.sameToken),
  },
  'first-page-empty': {
    says: 'The first page of a listing is empty, and there is more',
    rules: [
      {
        match: /^GET (?!\S*(continuation-token|start-after))\S*list-type=2/,
        fault: { kind: 'rewritten-answer', rewrite: listing.emptyFirstPage },
      },
    ],
  },
} as const satisfies Record<string, Quirk>

export type QuirkName = keyof typeof quirks

export function isQuirk(name: string): name is QuirkName {
  return Object.hasOwn(quirks, name)
}

/** Lets a proxy play a quirk in front of whatever server it stands before. */
export function addQuirk(proxy: FaultProxy, name: QuirkName): void {
  const { rules }: Quirk = quirks[name]
  for (const rule of rules) proxy.add(rule)
}
