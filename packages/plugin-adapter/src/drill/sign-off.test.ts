import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { signOff, verifyDrillReport } from './sign-off.js'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')

describe('the signature of a drill report', () => {
  it('covers the canonical JSON of RFC 8785, which any tool can make', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const findings = { resources: { users: 1, '9': 0.5, '10': 1e21 }, id: 'é "x"', ok: true }
    const report = signOff(findings, { by: 'Ada', key: privateKey })
    const text =
      '{"id":"é \\"x\\"","ok":true,"resources":{"10":1e+21,"9":0.5,"users":1},"signOff":{"by":"Ada"}}'
    const { signature } = report.signOff
    expect(report.signOff.sha256).toBe(createHash('sha256').update(text).digest('hex'))
    expect(verify(null, Buffer.from(text), publicKey, Buffer.from(signature?.value ?? '', 'base64'))).toBe(
      true,
    )
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
    expect(verifyDrillReport(JSON.parse(JSON.stringify(report)), { publicKey: pem }).signature).toBe('valid')
  })

  it('is still valid for a report that an earlier release signed, and only for that report', () => {
    const [text, publicKey] = [fixture('drill-report-1.json'), fixture('drill-report-1.pub.pem')]
    expect(createPublicKey(publicKey).asymmetricKeyType).toBe('ed25519')
    expect(verifyDrillReport(JSON.parse(text), { publicKey })).toEqual({
      ok: true,
      intact: true,
      signature: 'valid',
    })
    const altered = JSON.parse(text.replace('"different": 0', '"different": 1'))
    expect(verifyDrillReport(altered, { publicKey })).toMatchObject({
      ok: false,
      intact: false,
      signature: 'invalid',
    })
  })

  it('also covers a report whose names are not well-formed Unicode', () => {
    const report = signOff({ examples: ['half \ud800'] }, { by: null, key: undefined })
    expect(verifyDrillReport(JSON.parse(JSON.stringify(report)))).toMatchObject({ ok: true, intact: true })
    const altered = { ...report, examples: ['half \ud801'] }
    expect(verifyDrillReport(altered)).toMatchObject({ ok: false, intact: false })
  })
})
