/** An answer that is an error, by the code that S3 gives it. */
export class S3Error extends Error {
  readonly status: number
  readonly code: string
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code)
    this.status = status
    this.code = code
    this.fields = fields
    this.headers = headers
  }
}
