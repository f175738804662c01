/** Promise.all that waits until each work has ended, whatever became of the others, before it throws the first failure. */
export async function allEnded<Works extends readonly unknown[] | []>(
  works: Works,
): Promise<{ -readonly [Index in keyof Works]: Awaited<Works[Index]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
