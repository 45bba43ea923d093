/**
 * The patient's pages as a patient uses them: real Chromium, real host, real mail, at 360 px. `npm run portal` plays the
 * same with axe on every screen, which the gate has no time for; `COFFRE_SHOTS=DIR` keeps a picture of each besides.
 */
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openAccess } from '../../src/client/professional/access.ts'
import type { Connection } from '../../src/client/professional/connection.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import {
  listDocuments as listForProfessional,
  openRead as readForProfessional,
} from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import { insOf, issueAt, SECRET_CODE } from '../fixtures/patient.ts'
import { axeFindings, startChromium, startPortal } from '../fixtures/portal.ts'
import { connect } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const SHOTS = process.env.COFFRE_SHOTS
const WITH_AXE = process.env.COFFRE_AXE !== undefined || SHOTS !== undefined
const PHONE = { width: 360, height: 740 }
const MAIL = 'jeanne@exemple.invalid'
const INS = insOf('4711')

const folder = testFolder(t)
const world = await startPortal(folder)
let doctor: Connection
t.teardown(async () => {
  await (doctor as Connection | undefined)?.close()
  await world.stop()
})
const { host } = world
const { page, complaints } = await world.visit({ viewport: PHONE })
page.setDefaultTimeout(30_000)

/** Everything that left the browser, and where it went. */
const sent: string[] = []
const asked: string[] = []
page.context().on('request', request => {
  asked.push(request.url())
  sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`)
})
/** The codes of both letters. */
const codes: string[] = []

const button = (name: RegExp | string) => page.getByRole('button', { name })
const heading = (name: RegExp | string) => page.getByRole('heading', { level: 1, name })
const next = () => button('Continuer').click()
const passwordOf = () => host.mail.oneTimePassword(MAIL)

/** Each screen once: no finding of axe (where it is asked), no scrolling sideways, the title has the focus or a field after it. */
async function look(
  t: { same(a: unknown, b: unknown, m: string): void; equal(a: unknown, b: unknown, m: string): void },
  name: string,
  on: Page = page,
): Promise<void> {
  if (WITH_AXE) t.same(await axeFindings(on), [], `${name}: no accessibility finding`)
  const overflow = await on.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  t.equal(overflow, 0, `${name}: fits`)
  if (SHOTS === undefined) return
  mkdirSync(SHOTS, { recursive: true })
  await on.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

let kit: string[] = []

t.test('opens the record with the first letter; the kit is printed and checked', async t => {
  const { issued } = await issueAt(host, INS, 'opening')
  codes.push(issued.code)
  await heading('Bienvenue').waitFor()
  await look(t, '01-welcome')
  await button(/première lettre/).click()
  await page.getByLabel('Numéro INS').fill(`${INS.slice(0, 20)}00`)
  await next()
  await page
    .getByRole('alert')
    .getByText(/faute de frappe/)
    .waitFor()
  await look(t, '02-ins-mistyped')
  await page.getByLabel('Numéro INS').fill(INS.replaceAll(/(.{5})/g, '$1 '))
  await next()
  await page.getByLabel('Code d’ouverture').fill(issued.code.toLowerCase())
  await look(t, '03-code')
  await next()
  await heading(/Imprimez/).waitFor()
  await look(t, '04-kit')
  await button(/pas d’imprimante/).click()
  kit = await page.locator('.by-hand .group').allTextContents()
  t.equal(kit.length, 9)
  await look(t, '05-kit-by-hand')
  await button(/C’est fait/).click()
  const answer = async (wrong: boolean) => {
    for (const label of await page.locator('.field label').allTextContents()) {
      const group = kit[Number(/\d+/.exec(label)?.[0]) - 1] ?? ''
      await page.getByLabel(label).fill(wrong ? 'AAA' : group.toLowerCase())
    }
    await next()
  }
  await heading(/Vérifions/).waitFor()
  await look(t, '06-kit-check')
  await answer(true)
  await page.getByText(/Regardez encore/).waitFor()
  await answer(false)
  await heading('Votre dossier est ouvert').waitFor()
  await look(t, '07-opened')
})

t.test('activates it with the second letter', async t => {
  const { issued } = await issueAt(host, INS, 'activation')
  codes.push(issued.code)
  await button('Accueil').click()
  await look(t, '08-welcome-opened')
  await button(/deuxième lettre/).click()
  await page.getByLabel('Code d’activation').fill(issued.code)
  await next()
  await page.getByLabel('Clé de secours').fill(kit.join(' '))
  await next()
  await page.getByLabel('Votre code secret').fill('motdepasse')
  await page.getByLabel('Le même code').fill('motdepasse')
  await next()
  await page
    .getByRole('alert')
    .getByText(/trop facile/)
    .waitFor()
  await look(t, '09-secret-weak')
  await page.getByLabel('Votre code secret').fill(SECRET_CODE)
  await page.getByLabel('Le même code').fill(SECRET_CODE)
  await next()
  await page.getByLabel('Adresse de courriel').fill(MAIL)
  await look(t, '10-mail')
  await next()
  await page.getByLabel(/Code reçu/).fill(await passwordOf())
  await look(t, '11-password')
  await button(/Activer/).click()
  await heading('Votre dossier est activé').waitFor()
  await look(t, '12-activated')
  await button('Ouvrir mon dossier').click()
})

async function signIn(): Promise<void> {
  await page.getByLabel('Votre code secret').fill(SECRET_CODE)
  await next()
  await page.getByLabel(/Code reçu/).fill(await passwordOf())
  await button('Ouvrir mon dossier').click()
  await heading(/Que voulez-vous/).waitFor()
}

t.test('signs in with the secret code and a code by mail', async t => {
  await page.reload()
  await heading('Ouvrir mon dossier').waitFor()
  await page.getByLabel('Votre code secret').fill('canal-Violette-39')
  await next()
  await page
    .getByRole('alert')
    .getByText(/n’est pas le bon/)
    .waitFor()
  await look(t, '13-sign-in-refused')
  await signIn()
  await look(t, '14-home')
  await button(/Lire mes documents/).click()
  await page.getByText(/pas encore de document/).waitFor()
  await look(t, '15-documents-none')
})

let recordId: RecordId

t.test('a request appears, is compared and answered', async t => {
  doctor = await connect(host, 'doctor', join(folder, 'doctor'))
  recordId = (await requestAccess(doctor, INS)).recordId
  await button('Accueil').click()
  await button(/Choisir qui peut voir/).click()
  await page.getByText(/demande un accès/).waitFor()
  await look(t, '16-access-request')
  await button(/Répondre/).click()
  await heading(/Donner un accès à ÉLODIE MARÉCHAL/).waitFor()
  await page.getByText('89970042134').waitFor()
  t.ok(await page.getByLabel('Lire : Analyses').isChecked(), 'what is usual for a doctor')
  await look(t, '17-answer')
  await button('Oui, donner cet accès').click()
  await page.getByText('L’accès est donné.').waitFor()
  await page.getByRole('link', { name: /MARÉCHAL/ }).waitFor()
  await look(t, '18-access-given')
})

const evil = createServer((request, response) => {
  visits.push(request.url ?? '')
  response.end()
})
const visits: string[] = []
evil.listen(0, '127.0.0.1')
await once(evil, 'listening')
t.teardown(() => evil.close())
const trap = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`

/** Deposits a text under a title; gives its id. */
async function deposit(title: string, content: string | Buffer, kind = 'reports'): Promise<string> {
  const access = await openAccess(doctor, recordId)
  const bytes = new Uint8Array(Buffer.from(content))
  const manifest = {
    title,
    type: { code: '11488-4', system: '2.16.840.1.113883.6.1' },
    kind,
    mimeType: 'text/html', // the pages do not believe it
    size: bytes.length,
    date: '2026-11-20',
    author: { name: 'Élodie MARÉCHAL', role: 'Médecin' },
    patientAgreed: true,
    discussedWith: true,
  } as const
  return (await depositDocument(doctor, { access, compartment: kind, manifest, content: () => [bytes] })).documentId
}

const HOSTILE = `<h1>Résultats</h1><script>fetch('${trap}/script');parent.postMessage('in','*')</script>
<img src="${trap}/img" onerror="fetch('${trap}/onerror')"><svg onload="alert(1)"></svg><iframe src="${trap}/frame"></iframe>`

/** One page of text, with a script and an address that its opening asks for. */
function scriptedPdf(): Buffer {
  const objects = [
    `<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL\\("${trap}/js"\\))>>/AA<</WC<</S/URI/URI(${trap}/uri)>>>>>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>',
    '<</Length 50>>stream\nBT /F 20 Tf 30 120 Td (Ordonnance du jour) Tj ET  \nendstream',
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, i) => {
    const at = text.length
    text += `${i + 1} 0 obj${object}endobj\n`
    return `${String(at).padStart(10, '0')} 00000 n \n`
  })
  const xref = text.length
  text += `xref\n0 6\n0000000000 65535 f \n${offsets.join('')}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

t.test('documents: found, opened in a frame that can do nothing, masked and shown again', async t => {
  await deposit('Lettre CANARI-TITRE', 'Bonjour, CANARI-CONTENU. Tout va bien.')
  await deposit('Page piégée', HOSTILE)
  await deposit(
    'Image piégée',
    `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="fetch('${trap}/svg')"/>`,
  )
  const cda = readFileSync(new URL('../vectors/cda/VAC_2023.01.xml', import.meta.url), 'utf8')
  await deposit('Vaccins', cda, 'vaccination')
  await deposit(
    'CDA piégé',
    `<?xml version="1.0"?><?xml-stylesheet href="${trap}/style.xsl" type="text/xsl"?>
<!DOCTYPE ClinicalDocument [<!ENTITY out SYSTEM "${trap}/entity">]>
<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&lt;img src=x onerror="alert(1)"&gt;</title><component><structuredBody>
<component><section><title>Suite</title><text><paragraph styleCode="x" onclick="alert(1)">Texte gardé</paragraph>
<linkHtml href="${trap}/link">lien</linkHtml><renderMultiMedia referencedObject="${trap}/media"/>
<script xmlns="http://www.w3.org/1999/xhtml">fetch('${trap}/cda')</script>
<img xmlns="http://www.w3.org/1999/xhtml" src="${trap}/cda-img"/></text></section></component>
</structuredBody></component></ClinicalDocument>`,
  )
  await deposit('Ordonnance', scriptedPdf())
  await button('Accueil').click()
  await page.reload()
  await signIn()
  await button(/Lire mes documents/).click()
  await page.getByText('6 documents').waitFor()
  await look(t, '19-documents')
  await page.getByLabel('Chercher').fill('marechal canari')
  await page.getByText('1 document', { exact: true }).waitFor()
  await page.getByRole('link', { name: /CANARI/ }).click()
  const frame = page.frameLocator('iframe')
  await frame.getByText('CANARI-CONTENU').waitFor()
  await look(t, '20-document')
  t.equal(await page.locator('iframe').getAttribute('sandbox'), '')

  const open = async (title: string) => {
    await button('Mes documents').click()
    await page.getByLabel('Chercher').fill('')
    await page.getByRole('link', { name: title }).click()
    await heading(title).waitFor()
    await page.getByText('vérifié sur cet appareil').waitFor()
  }
  await open('Page piégée')
  await frame.getByText('<h1>Résultats</h1>').waitFor()
  await open('Image piégée')
  await page.getByText(/ne peut pas s’afficher/).waitFor()
  await open('CDA piégé')
  await frame.getByText('Texte gardé').waitFor()
  await frame.getByRole('heading', { name: '<img src=x onerror="alert(1)">' }).waitFor()
  t.equal(await frame.locator('script, img, a, [onclick], [style]').count(), 0)
  await open('Ordonnance')
  const pdf = page.frameLocator('iframe[src="/pdf.html"]')
  await pdf.getByRole('img', { name: '1 / 1' }).waitFor()
  await pdf.getByText('Ordonnance du jour').waitFor({ state: 'attached' })
  await look(t, '21-pdf')
  t.equal(await page.locator('iframe').getAttribute('sandbox'), 'allow-scripts')
  const inFrame = page.frames().find(each => each.url().endsWith('/pdf.html'))
  t.match(await inFrame?.evaluate(() => self.origin), 'null', 'an origin that is none')
  await open('Vaccins')
  await frame.getByRole('heading').first().waitFor()
  await look(t, '21-cda')
  t.same(visits, [], 'no document reached anybody')
  t.equal(
    page.frames().some(each => each.url().startsWith('http') && !each.url().startsWith(world.origin)),
    false,
  )

  await button('Masquer ce document').click()
  await look(t, '22-mask')
  await button('Oui, masquer').click()
  await page.getByText(/Ce document est masqué/).waitFor()
  t.equal((await listForProfessional(doctor, await openAccess(doctor, recordId))).documents.length, 5)
  await button('Montrer de nouveau').click()
  await button('Oui, le montrer').click()
  await page.getByText(/de nouveau visible/).waitFor()
  await look(t, '23-document-unmasked')
})

t.test('who has looked: in words, checked here', async t => {
  const access = await openAccess(doctor, recordId)
  const [first] = (await listForProfessional(doctor, access)).documents
  if (first !== undefined) await readForProfessional(doctor, access, first.documentId)
  await page.goBack()
  await page.evaluate(() => {
    location.hash = 'trace'
  })
  await page.getByText('Historique complet, vérifié sur cet appareil').waitFor()
  await page
    .getByText(/ÉLODIE MARÉCHAL, Médecin, a déposé «\s*Vaccins\s*»/)
    .first()
    .waitFor()
  await page
    .getByText(/ÉLODIE MARÉCHAL, Médecin, a lu/)
    .first()
    .waitFor()
  await look(t, '24-trace')
  await page.getByLabel('Quoi').selectOption('reads')
  await page.getByLabel('Qui', { exact: true }).selectOption('all')
  await page.getByLabel('Présentation').selectOption('table')
  await page
    .getByText(/Vous avez lu/)
    .first()
    .waitFor()
  await look(t, '25-trace-table')
  await page.getByRole('link', { name: /Comment est-ce vérifié/ }).click()
  await page.getByText('Dernière signature des témoins').waitFor()
  await look(t, '26-verified')
})

t.test('access is changed, taken back and blocked; notices are chosen', async t => {
  await page.evaluate(() => {
    location.hash = 'access'
  })
  await page.getByRole('link', { name: /MARÉCHAL/ }).click()
  await heading(/L’accès de/).waitFor()
  await page.getByLabel('Lire : Radios').uncheck()
  await page.getByLabel('Six mois').check()
  await look(t, '27-grant')
  await button('Enregistrer les changements').click()
  await page.getByText('L’accès est changé.').waitFor()
  const narrowed = await openAccess(doctor, recordId)
  const blind = narrowed.grant.payload.compartments.filter(({ rights }) => !rights.includes('read'))
  t.equal(blind.length, 1, 'one of eight is for depositing alone')
  await page.getByRole('link', { name: /MARÉCHAL/ }).click()
  await button('Bloquer cette personne').click()
  await look(t, '28-block')
  await button('Oui, bloquer').click()
  await page.getByText('Cette personne est bloquée.').waitFor()
  await t.rejects(openAccess(doctor, recordId))
  await button('Débloquer').waitFor()
  await look(t, '29-access-blocked')
  await button('Débloquer').click()
  await button('Débloquer').waitFor({ state: 'detached' })
  await button('Donner un accès').click()
  await page.getByLabel('Numéro').fill('89970042134')
  await button('Chercher').click()
  await button('Oui, donner cet accès').click()
  await page.getByText('L’accès est donné.').waitFor()
  await button('Accueil').click()
  await button(/prévenu par courriel/).click()
  await button(/Oui, me prévenir/).click()
  await page.getByText(/serez prévenu à chaque/).waitFor()
  await look(t, '30-notices')
})

t.test('leaves; nothing sent or kept tells a secret', async t => {
  await button('Quitter mon dossier').click()
  await heading('Vous avez quitté votre dossier').waitFor()
  await look(t, '31-out')
  const kept = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('coffre')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const objects = database.transaction('files').objectStore('files')
    const all = <T>(request: IDBRequest<T>) =>
      new Promise<T>(resolve => {
        request.onsuccess = () => resolve(request.result)
      })
    const keys = await all(objects.getAllKeys())
    return { keys, text: JSON.stringify([await all(objects.getAll()), { ...localStorage }]), cookies: document.cookie }
  })
  t.same(kept.keys, ['device', 'record', 'seen'], 'no session, no opening, no key of the record')
  t.equal(kept.cookies, '')
  const secrets = [SECRET_CODE, kit.join('-'), kit.join(''), 'CANARI-TITRE', 'CANARI-CONTENU', ...codes]
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex')]) {
      t.notOk(kept.text.includes(form), 'not kept')
      t.notOk(
        sent.some(each => each.includes(form)),
        'not sent',
      )
    }
  }
  const origins = new Set(asked.filter(url => !/^(blob|data):/.test(url)).map(url => new URL(url).origin))
  t.same([...origins].sort(), [world.origin, host.world.anchors.urls.patients].sort(), 'the portal and the host alone')
  t.ok(sent.length > 50, 'what was sent was looked at')
  t.same(
    complaints.filter(text => !/status of 4\d\d/.test(text)),
    [],
    'the console and the policy have nothing to say',
  )
})

t.test('by keyboard alone', async t => {
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id || '')
  const tabTo = async (name: RegExp) => {
    for (let i = 0; i < 30; i++) {
      const name_ = await page.evaluate(() => {
        const on = document.activeElement
        const label = on instanceof HTMLInputElement ? on.labels?.[0]?.textContent : on?.textContent
        return label ?? ''
      })
      if (name.test(name_)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`No way to ${name} by keyboard; at ${await focused()}`)
  }
  await tabTo(/Rouvrir mon dossier/)
  await page.keyboard.press('Enter')
  await heading('Ouvrir mon dossier').waitFor()
  t.equal(await focused(), 'Ouvrir mon dossier', 'the title of a new screen has the focus')
  await tabTo(/Votre code secret/)
  await page.keyboard.type(SECRET_CODE)
  await page.keyboard.press('Enter')
  await heading(/Quel code/).waitFor()
  await tabTo(/Code reçu/)
  await page.keyboard.type(await passwordOf())
  await page.keyboard.press('Enter')
  await heading(/Que voulez-vous/).waitFor()
  await tabTo(/Lire mes documents/)
  await page.keyboard.press('Enter')
  await page.getByText('6 documents').waitFor()
  await tabTo(/Lettre CANARI/)
  await page.keyboard.press('Enter')
  await page.frameLocator('iframe').getByText('CANARI-CONTENU').waitFor()
  await tabTo(/Mes documents/)
})

t.test('the idle limit: asked before, then closed', async t => {
  await page.clock.install()
  await page.reload()
  await signIn()
  await page.clock.fastForward(4.05 * 60_000)
  await page.getByRole('dialog').getByText('Êtes-vous toujours là').waitFor()
  await button('Oui, je continue').click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.clock.fastForward(4.05 * 60_000)
  await page.getByRole('dialog').waitFor()
  await look(t, '32-idle')
  await page.clock.fastForward(5.1 * 60_000)
  await heading('Votre dossier s’est refermé').waitFor()
  await look(t, '33-ended')
})

t.test('a browser that does not trust the host’s certificate says what to do', async t => {
  const wary = await startChromium(join(folder, 'wary'), null)
  t.teardown(() => wary.close())
  const other = await (await wary.newContext({ viewport: PHONE, colorScheme: 'dark' })).newPage()
  await other.goto(`${world.origin}/`)
  await other.getByRole('button', { name: /première lettre/ }).click()
  await other.getByLabel('Numéro INS').fill(INS)
  await other.getByRole('button', { name: 'Continuer' }).click()
  await other.getByLabel('Code d’ouverture').fill(codes[0] ?? '')
  await other.getByRole('button', { name: 'Continuer' }).click()
  await other
    .getByRole('alert')
    .getByText(/joindre l’hébergeur en sécurité/)
    .waitFor()
  await other.getByText('Comment savoir d’où vient le problème').click()
  await look(t, '34-untrusted-dark', other)
})
