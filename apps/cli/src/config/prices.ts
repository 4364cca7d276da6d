import * as z from 'zod'

const price = z.number().nonnegative()

/**
 * Dollars per 1,000 requests. The defaults are those of S3 Standard in us-east-1
 * (https://aws.amazon.com/s3/pricing/).
 */
export const pricesSchema = z.strictObject({
  put: price.default(0.005),
  list: price.default(0.005),
  get: price.default(0.0004),
})

export type Prices = z.output<typeof pricesSchema>

/** How many requests of each kind. */
export type RequestCounts = Readonly<Record<keyof Prices, number>>

/** What requests cost, in dollars. */
export function costOf(requests: RequestCounts, prices: Prices): number {
  return (requests.put * prices.put + requests.list * prices.list + requests.get * prices.get) / 1000
}

const dollarFormat = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  maximumSignificantDigits: 2,
})

/** `$1.20`, and two digits of what is less than a cent: `$0.000012`. */
export function dollars(amount: number): string {
  return amount === 0 || amount >= 0.01 ? `$${amount.toFixed(2)}` : dollarFormat.format(amount)
}
