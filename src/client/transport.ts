import type { Bytes } from '../crypto/bytes.ts'

// How requests travel. There is one transport per platform; which one `#transport` means is the platform's to say
// (`imports` in package.json: the condition `browser`, which bundlers set and Node does not).

/** Client certificate for the professionals' listener, PEM. */
export interface ClientTls {
  /** Leaf first, then the chain. */
  readonly cert: string
  readonly key: string
  readonly passphrase?: string
}

/** Whom to connect to. */
export interface TransportOptions {
  readonly origin: URL
  /** The only authority whose server certificates count, PEM. */
  readonly serverAuthority: string
  readonly tls?: ClientTls
}

/** One request, complete. */
export interface TransportRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Bytes | null
  readonly signal?: AbortSignal
}

/** Its answer: the status, and the body as it comes. */
export interface TransportAnswer {
  readonly status: number
  readonly body: AsyncIterable<Bytes>
}

/**
 * Sends requests, each once. `send` and the body throw `ConnectionError` `host-unreachable` or `host-untrusted`; what a
 * signal gives up rejects with its reason.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportAnswer>
  /** Closes idle connections. */
  close(): Promise<void>
}
