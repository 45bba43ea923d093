import type { JsonName } from '@peculiar/x509'
import t from 'tap'
import { identityOf } from '../../src/crypto/certificate-identity.ts'
import { issue } from './authority.ts'

const identity = async (name: JsonName) => identityOf((await issue({ name })).certificate)

const C = { C: ['FR'] }
const T = { T: ['Médecin'] }
const person = { CN: ['899700367917'], SN: ['MAXIMILIEN'], G: ['MURIEL'] }

t.test('a person, the set in any order', async t => {
  const expected = {
    kind: 'professional',
    id: '899700367917',
    profession: 'Médecin',
    surname: 'MAXIMILIEN',
    givenName: 'MURIEL',
  }
  const { CN, SN, G } = person
  for (const set of [
    { CN, SN, G },
    { G, SN, CN },
    { SN, CN, G },
  ])
    t.same(await identity([C, T, set]), expected)
  t.same(await identity([person, T, C]), expected)
  t.match(await identity([C, T, { ...person, CN: ['0750000001'] }]), { kind: 'professional', id: '0750000001' })
})

t.test('an establishment, and its director’s card', async t => {
  const O = { O: ['CENTRE HOSPITALIER, DE LYON'] }
  const OU = { OU: ['1690000001'] }
  const expected = { kind: 'establishment', id: '1690000001', name: 'CENTRE HOSPITALIER, DE LYON', service: 'urgences' }
  t.same(await identity([C, { ST: ['Rhône (69)'] }, O, OU, { CN: ['urgences'] }]), expected)
  t.same(await identity([C, { ST: ['Rhône (69)'] }, O, OU, { CN: ['3690000001/0001'], SN: ['DUPONT'], G: ['ANNE'] }]), {
    ...expected,
    service: '3690000001/0001',
  })
  for (const id of ['2123456789', '312345678900011', '41000000000001']) {
    t.match(await identity([C, O, { OU: [id] }, { CN: ['x'] }]), { id })
  }
})

t.test('neither one nor the other', async t => {
  const names: Record<string, JsonName> = {
    'a person with a structure': [C, T, person, { OU: ['1690000001'] }],
    'a person with an organisation': [C, T, person, { O: ['x'] }, { OU: ['1690000001'] }],
    'a structure without OU': [C, { O: ['x'] }, { CN: ['y'] }],
    'a structure without O': [C, { OU: ['1690000001'] }, { CN: ['y'] }],
    'a structure without CN': [C, { O: ['x'] }, { OU: ['1690000001'] }],
    'two OU': [C, { O: ['x'] }, { OU: ['1690000001', '1690000002'] }, { CN: ['y'] }],
    'a person’s number as OU': [C, { O: ['x'] }, { OU: ['899700367917'] }, { CN: ['y'] }],
    'the set torn apart': [C, T, { CN: person.CN }, { SN: person.SN }, { G: person.G }],
    'two CN': [C, T, { ...person, CN: ['899700367917', '899700367918'] }],
    'a second CN outside': [C, T, person, { CN: ['899700367918'] }],
    'no profession': [C, person],
    'two professions': [C, T, T, person],
    'another country': [{ C: ['BE'] }, T, person],
    'no country': [T, person],
    'a structure’s number as CN': [C, T, { ...person, CN: ['1690000001'] }],
    'a number too long': [C, T, { ...person, CN: ['8997003679170'] }],
    'more in the set': [C, T, { ...person, L: ['LYON'] }],
    nobody: [C, { CN: ['localhost'] }],
  }
  for (const [what, name] of Object.entries(names)) {
    await t.rejects(identity(name), { code: 'certificate-identity' }, what)
  }
})
