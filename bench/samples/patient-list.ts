/** A record of many documents, and its patient, who lists them in Node and on the pages. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { buildPortal } from '../../src/cli/portal/build.ts'
import { servePortal } from '../../src/cli/portal/server.ts'
import { listDocuments } from '../../src/client/patient/documents.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { PatientSession } from '../../src/client/patient/session.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { portalOrigin } from '../../src/dev/world.ts'
import { NationalId } from '../../src/protocol/ids.ts'
import { bundleForBrowser, openPage } from '../../test/fixtures/chromium.ts'
import { manifestFor } from '../../test/fixtures/document.ts'
import { type HostProcess, makeHostProcess } from '../../test/fixtures/host-process.ts'
import { activePatient, insOf, SECRET_CODE } from '../../test/fixtures/patient.ts'
import { startChromium } from '../../test/fixtures/portal.ts'
import { keepInBrowser } from '../../test/fixtures/portal-stories/known-browser.ts'
import { connect, signedIn } from '../../test/fixtures/professional.ts'
import type { Measure } from '../harness/figure.ts'
import type { Page as FiguresPage } from './page.ts'

export const DOCUMENTS = 1000
const SIZE = 2048
const MAIL = 'p@test.invalid'

export interface Served {
  readonly folder: string
  readonly host: HostProcess
  readonly home: string
  stop(): Promise<void>
}

/** A host in a process of its own, and the record with its documents. */
export async function serveDocuments(): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-list-'))
  const host = await makeHostProcess(folder)
  await host.start()
  const { client } = host
  const home = join(folder, 'p')
  const patient = await activePatient(client, { folder: home, ins: insOf('1'), mail: MAIL })
  const session = await signedIn(client, patient)
  const doctor = await connect(client, 'doctor', join(folder, 'd'))
  await requestAccess(doctor, patient.ins)
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const access = await openAccess(doctor, patient.recordId)
  const content = () => [new Uint8Array(SIZE)]
  const deposit = () =>
    depositDocument(doctor, { access, compartment: 'imaging', manifest: manifestFor(SIZE), content })
  for (let done = 0; done < DOCUMENTS; done += 8) await Promise.all(Array.from({ length: 8 }, deposit))
  await session.close()
  return {
    folder,
    host,
    home,
    async stop() {
      await doctor.close()
      await host.kill()
      await host.mail.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By the SDK: each time a session anew, of the one sign-in. */
export async function inNode({ host, home }: Served): Promise<{ list: Measure; end(): Promise<void> }> {
  const { PatientHome } = await import('../../src/client/patient/home.ts')
  const mail = { home: new PatientHome(home), mail: MAIL } as Parameters<typeof signedIn>[1]
  const session = await signedIn(host.client, mail)
  await listDocuments(session) // follows the chain, which a sign-in does
  return {
    async list() {
      const again = await PatientSession.resume(new PatientHome(home), { clock: host.client.now })
      const began = performance.now()
      const { length } = await listDocuments(again)
      const took = performance.now() - began
      if (length !== DOCUMENTS) throw new Error(`${length} documents`)
      await again.close()
      return took
    },
    end: () => session.close(),
  }
}

/** What a page notes of itself: when a text first stood on it, and how long its thread was taken. */
interface Watched {
  coffreSeen: Record<string, number>
  coffreLongest: number
}

/** On the pages, in a Chromium that knows the host's authority. */
export async function inBrowser({ host, home, folder }: Served) {
  const { layout, ports } = host.world
  const origin = portalOrigin(ports)
  const portal = await buildPortal({ anchors: readFileSync(layout.anchors, 'utf8'), origin })
  const server = await servePortal({ portal, origin, listen: { address: '127.0.0.1', port: ports.portal } })
  const browser = await startChromium(join(folder, 'home'), join(layout.servers, 'root.pem'))
  const bare = await bareInChromium()
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
  await page.goto(`${origin}/`)
  await page.getByRole('heading', { name: 'Bienvenue' }).waitFor()
  await keepInBrowser(page, home)
  let longest = 0
  let again = 0
  return {
    async first() {
      await page.reload()
      await watch(page)
      await page.getByLabel('Votre code secret').fill(SECRET_CODE)
      await page.getByRole('button', { name: 'Continuer' }).click()
      await page.getByLabel(/Code reçu/).fill(await host.mail.oneTimePassword(MAIL))
      await page.getByRole('button', { name: 'Ouvrir mon dossier' }).click()
      const home = await seen(page, 'Que voulez')
      await page.evaluate(() => {
        location.hash = 'documents'
      })
      const list = await seen(page, `${DOCUMENTS} documents`)
      longest = await page.evaluate(() => (globalThis as never as Watched).coffreLongest)
      await page.evaluate(() => {
        location.hash = ''
      })
      await page.getByRole('heading', { name: /Que voulez/ }).waitFor()
      again = await page.evaluate(
        text =>
          new Promise<number>(resolve => {
            const began = performance.now()
            location.hash = 'documents'
            const look = () =>
              document.body.textContent.includes(text)
                ? requestAnimationFrame(() => resolve(performance.now() - began))
                : requestAnimationFrame(look)
            look()
          }),
        `${DOCUMENTS} documents`,
      )
      await page.getByRole('button', { name: 'Quitter mon dossier' }).click()
      return list - home
    },
    again: async () => again,
    longestTask: async () => longest,
    bare: bare.measure,
    async end() {
      await bare.end()
      await browser.close()
      await server.close()
    },
  }
}

/** The cryptography of as many documents alone, in one worker. */
async function bareInChromium(): Promise<{ measure: Measure; end(): Promise<void> }> {
  const { text } = await bundleForBrowser('bench/samples/page.ts')
  const ends: (() => unknown)[] = []
  const page = await openPage({ teardown: end => void ends.push(end) }, text)
  await page.evaluate(size => (globalThis as never as { coffre: FiguresPage }).coffre.prepare(1, size), 1 << 20)
  return {
    measure: () => page.evaluate(() => (globalThis as never as { coffre: FiguresPage }).coffre.measure('bare list', 1)),
    async end() {
      for (const end of ends) await end()
    },
  }
}

async function watch(page: Page): Promise<void> {
  await page.evaluate(
    texts => {
      const watched = globalThis as never as Watched
      watched.coffreSeen = {}
      watched.coffreLongest = 0
      new MutationObserver(() => {
        for (const text of texts) {
          if (document.querySelector('#app')?.textContent?.includes(text))
            watched.coffreSeen[text] ??= performance.now()
        }
      }).observe(document.body, { childList: true, subtree: true, characterData: true })
      new PerformanceObserver(list => {
        for (const { duration } of list.getEntries()) watched.coffreLongest = Math.max(watched.coffreLongest, duration)
      }).observe({ type: 'longtask' })
    },
    ['Que voulez', `${DOCUMENTS} documents`],
  )
}

async function seen(page: Page, text: string): Promise<number> {
  const handle = await page.waitForFunction(text => (globalThis as never as Watched).coffreSeen[text], text)
  return (await handle.jsonValue()) as number
}
