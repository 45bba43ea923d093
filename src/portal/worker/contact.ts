import type { Contact } from '../../protocol/messages.ts'

/** French mobile numbers as typed at home, by their first digits; those overseas have countries of their own. */
const HOME: readonly (readonly [RegExp, string])[] = [
  [/^0(?=69[01])/, '+590'],
  [/^0(?=694)/, '+594'],
  [/^0(?=69[67])/, '+596'],
  [/^0(?=69[23]|639)/, '+262'],
  [/^0(?=[67])/, '+33'],
  [/^00/, '+'],
]

/** A contact as a person types it: a French number without its country too. What it is not is for the SDK to say. */
export function typedContact({ kind, address }: { readonly kind: Contact['kind']; readonly address: string }): Contact {
  if (kind === 'mail') return { kind, address }
  const digits = address.replaceAll(/[\s.()-]/g, '')
  const [start, country] = HOME.find(([start]) => start.test(digits)) ?? [/^/, '']
  return { kind, address: digits.replace(start, country) }
}
