/** Deposits of 4 KiB documents into a whole host, and the same bytes into rows of a bare server: the contest of a figure. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '../../src/crypto/bytes.ts'
import { startBareServer } from '../rivals/bare-server.ts'
import { type Load, openConnections, play, type Script } from './connections.ts'
import { CLIENTS } from './logged-reads.ts'
import { serveRecord, type ToDeposit } from './served-record.ts'

/** Deposits of each client in one load; a deposit is three requests: start, part, statement. */
export const DEPOSITS = 12

/** Plays one load on each side. */
export interface DepositLoads {
  ours(): Promise<Load>
  bare(): Promise<Load>
  stop(): Promise<void>
}

/** Starts both servers and connects. */
export async function prepareDeposits(): Promise<DepositLoads> {
  const served = await serveRecord(0)
  const { depositor, record } = served
  const sockets = await openConnections(CLIENTS, depositor.tls)
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-rows-'))
  const upload = 'AAAAAAAAAAAAAAAAAAAAAA'
  const bare = await startBareServer(
    {
      cert: readFileSync(join(served.host, 'tls.cert.pem'), 'utf8'),
      key: readFileSync(join(served.host, 'keys', 'tls.key.pem'), 'utf8'),
      json: {},
      rows: {
        folder,
        answers: {
          '/uploads': { upload, partSize: 8 * 1024 * 1024, expiresAt: '2026-11-25T08:00:00.000Z' },
          '/part': {},
          '/documents': { receipt: 'A'.repeat(3000) },
        },
      },
    },
    availableParallelism(),
  )
  const { cert: _, key: __, passphrase: ___, ...plain } = depositor.tls
  const bareSockets = await openConnections(CLIENTS, { ...plain, port: bare.port })
  const json = (value: object) => utf8(JSON.stringify(value))
  const uploadOf = (answer: Buffer) => (JSON.parse(answer.toString()) as { upload: string }).upload

  /** Signed as they go: what a part and a statement say depends on the answer before. */
  const deposit = ({ start, body, statements }: ToDeposit): Script => {
    let named = ''
    return [
      () => depositor.request('POST', `${record}/uploads`, json(start)),
      answer => {
        named = uploadOf(answer)
        return depositor.request('PUT', `${record}/uploads/${named}/parts/0`, body)
      },
      () => depositor.request('POST', `${record}/documents`, json({ ...statements, upload: named })),
    ]
  }
  /** The same bytes, signed the same way, so that both sides' clients cost the same; the bare server looks at none of it. */
  const rows = (document: ToDeposit): Script => {
    const paths = ['/uploads', '/part', '/documents']
    return deposit(document).map((step, i) => answer => {
      const request = Buffer.from(typeof step === 'function' ? step(answer) : step)
      const line = request.indexOf('\r\n')
      return Buffer.concat([Buffer.from(`POST ${paths[i]} HTTP/1.1`), request.subarray(line)])
    })
  }
  const scripts = async (of: (document: ToDeposit) => Script): Promise<Script[]> => {
    const all: Script[] = []
    for (let client = 0; client < CLIENTS; client++) {
      const steps: Script[number][] = []
      for (let i = 0; i < DEPOSITS; i++) steps.push(...of(await depositor.seal()))
      all.push(steps)
    }
    return all
  }
  return {
    ours: async () => play(sockets, await scripts(deposit)),
    bare: async () => play(bareSockets, await scripts(rows)),
    async stop() {
      for (const socket of [...sockets, ...bareSockets]) socket.destroy()
      await bare.stop()
      await served.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
