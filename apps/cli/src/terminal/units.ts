import prettyBytes from 'pretty-bytes'

/** Bytes as people read them: `1.34 MB`. */
export function bytes(count: number): string {
  return prettyBytes(count)
}

/** A count with thousands separators: `12,345`. */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

/** `1 record`, `2 records`. */
export function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`
}

/** A time in ms as people read it: `350 ms`, `2.4 s`, `3m 05s`, `2h 07m`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}h ${twoDigits(minutes)}m` : `${minutes}m ${twoDigits(whole % 60)}s`
}

/** How long ago, in one unit: `45s`, `12min`, `26h`, `7d`; `ahead` for what has not come yet. */
export function age(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000)
  if (seconds < -59) return 'ahead'
  if (seconds < 60) return `${Math.max(0, seconds)}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min`
  const hours = Math.floor(seconds / 3600)
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

/** An instant of a manifest without its fractions: `2024-03-15 14:30:45 UTC`. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
