import canonicalize from 'canonicalize'

/**
 * The bytes that a report's checksum and signature cover: its canonical JSON (RFC 8785). A text that is not
 * well-formed Unicode has no such form; a report that names one is covered in its {@link earlierForm}.
 */
export function signedForm(report: object): Buffer {
  const plain: unknown = JSON.parse(JSON.stringify(report))
  if (!isWellFormed(plain)) return earlierForm(report)
  return Buffer.from(canonicalize(plain) ?? 'null')
}

/**
 * What reports of the first releases were signed in. It differs from RFC 8785 in one thing: names that are whole
 * numbers come first, in numerical order.
 */
export function earlierForm(report: object): Buffer {
  const plain: unknown = JSON.parse(JSON.stringify(report))
  const sorted = JSON.stringify(plain, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
  return Buffer.from(sorted)
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner))
}
