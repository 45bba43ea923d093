/**
 * The patient's pages as a patient uses them: real Chromium, real host, real mail, at 360 px. `COFFRE_SHOTS=DIR` keeps a
 * picture of every screen.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { insOf, issueAt, SECRET_CODE } from '../fixtures/patient.ts'
import { axeFindings, startPortal } from '../fixtures/portal.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const SHOTS = process.env.COFFRE_SHOTS
const PHONE = { width: 360, height: 740 }
const MAIL = 'jeanne@exemple.invalid'
const INS = insOf('4711')

const world = await startPortal(testFolder(t))
t.teardown(() => world.stop())
const { host } = world
const { page, complaints } = await world.visit({ viewport: PHONE })
page.setDefaultTimeout(30_000)

const button = (name: RegExp | string) => page.getByRole('button', { name })
const heading = (name: RegExp | string) => page.getByRole('heading', { level: 1, name })
const next = () => button('Continuer').click()
const passwordOf = () => host.mail.oneTimePassword(MAIL)

/** Each screen once: no finding of axe, no scrolling sideways, the title has the focus or a field after it. */
async function look(
  t: { same(a: unknown, b: unknown, m: string): void; equal(a: unknown, b: unknown, m: string): void },
  name: string,
  on: Page = page,
): Promise<void> {
  t.same(await axeFindings(on), [], `${name}: no accessibility finding`)
  const overflow = await on.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  t.equal(overflow, 0, `${name}: fits`)
  if (SHOTS === undefined) return
  mkdirSync(SHOTS, { recursive: true })
  await on.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

let kit: string[] = []

t.test('opens the record with the first letter; the kit is printed and checked', async t => {
  const { issued } = await issueAt(host, INS, 'opening')
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

t.test('leaves', async t => {
  await button('Quitter mon dossier').click()
  await heading('Vous avez quitté votre dossier').waitFor()
  await look(t, '16-out')
  t.same(
    complaints.filter(text => !/400|401|403|404/.test(text)),
    [],
    'the console and the policy have nothing to say',
  )
})
