/** Sends a form of the portal's page as the account of this cookie does, whatever the answer is. */
export async function sendForm(
  { url, cookie }: { url: string; cookie: string },
  address: string,
  fields: Record<string, string>,
): Promise<Response> {
  const session = await fetch(`${url}/api/v1/session`, { headers: { cookie } });
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  return await fetch(`${url}${address}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, 'x-csrf-token': csrfToken, origin: url },
    body: new URLSearchParams(fields),
  });
}
