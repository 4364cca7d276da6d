import type { SdkAnswer, SdkClient, SdkRequest } from './sdk-client.js'

/** In ms. After so long without an answer the ordinary way has its turn. */
export const longestWait = 30_000

/** The answer to one signed request, its body read to the end and dropped, so that the connection can be used again. */
export async function exchange(
  { config }: SdkClient,
  request: SdkRequest,
  patience: number,
): Promise<SdkAnswer> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patience)
  try {
    const { response } = await config.requestHandler.handle(request, { abortSignal: controller.signal })
    if (response.body !== undefined) for await (const _ of response.body);
    return response
  } finally {
    clearTimeout(timer)
  }
}
