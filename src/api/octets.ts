/** Did the reader of an answer go away? Then there is nothing to answer, and no defect of ours. */
export function isBrokenOff(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(String(code))
}
