/** Goes to a place inside the record (`#…` of the address): the browser's own back button then goes back. */
export function goTo(place: string): void {
  location.hash = place
}
