// Paths in the folder that the steps of a group share, as documents write them.

/** Relative to the folder, '' for the folder itself, and undefined for a path that leads out of it. */
export function pathInGroup(text: string): string | undefined {
  // Documents name the folder of the compatible product's containers, which is that of the group here.
  const path = text.replace(/^\/harness(?=\/|$)/, '.')
  if (path.startsWith('/')) return undefined
  const pieces = path.split('/').filter((piece) => piece !== '' && piece !== '.')
  return pieces.includes('..') ? undefined : pieces.join('/')
}
