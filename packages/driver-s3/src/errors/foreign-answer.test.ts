import { describe, expect, it } from 'vitest'
import { checkAnswer, mustBeRead } from './foreign-answer.js'

const html = { 'content-type': 'text/html; charset=utf-8' }

function isForeign(command: string, status: number, headers: Readonly<Record<string, string>>, body = '') {
  const head = { status, headers }
  if (!mustBeRead(command, head)) return false
  try {
    checkAnswer(command, head, body)
    return false
  } catch {
    return true
  }
}

describe('an answer without content that is called a web page', () => {
  it.each([
    ['DeleteObjectCommand', 204, html],
    ['DeleteObjectsCommand', 200, { ...html, 'x-amzn-requestid': 'r' }],
    ['RestoreObjectCommand', 202, { ...html, 'x-amzn-requestid': 'r' }],
    ['PutBucketVersioningCommand', 200, { ...html, 'x-amz-request-id': 'r' }],
  ])('is the end of %s, with status %i', (command, status, headers) => {
    expect(isForeign(command, status, headers)).toBe(false)
  })

  it.each([
    ['DeleteObjectCommand', 200, html],
    ['RestoreObjectCommand', 202, html],
    // What is stored has an ETag.
    ['PutObjectCommand', 200, { ...html, 'x-amzn-requestid': 'r' }],
    ['PutObjectCommand', 204, html],
    ['GetObjectCommand', 204, html],
    ['HeadObjectCommand', 200, { ...html, 'x-amzn-requestid': 'r' }],
    // A listing is never empty.
    ['ListObjectsV2Command', 204, html],
    ['ListObjectsV2Command', 200, { ...html, 'x-amz-request-id': 'r' }],
  ])('is no answer of S3 to %s, with status %i', (command, status, headers) => {
    expect(isForeign(command, status, headers)).toBe(true)
  })

  it('is a web page if it has content', () => {
    expect(isForeign('DeleteObjectCommand', 204, html, '<html>Log in</html>')).toBe(true)
  })
})
