/** An answer of the API that is not a success, with what it said. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(method: string, path: string, status: number, body: unknown) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Page<T> {
  readonly count: number;
  readonly next: number | null;
  readonly results: T[];
}

/** Both say that nothing was done; any other failure may have done something. */
const RETRIED = new Set([429, 503]);
const PATIENCE_MS = 60_000;

/** A caller of the public v1 API; it knows nothing but HTTP. Calls that are refused for now are sent again for a minute. */
export class ApiClient {
  readonly baseUrl: string;
  readonly token: string | undefined;

  constructor(baseUrl: string, token?: string) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.token = token;
  }

  /** Signs in with the password grant. Errors: ApiError, 400 or 401, with the OAuth error. */
  async signIn(client: ClientCredentials, username: string, password: string): Promise<ApiClient> {
    const answer = await this.#send('POST', '/oauth2/token/', {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'password', username, password }).toString(),
    });
    return new ApiClient(this.baseUrl, (answer as { access_token: string }).access_token);
  }

  get<T>(path: string): Promise<T> {
    return this.#call('GET', path) as Promise<T>;
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call('POST', path, body) as Promise<T>;
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call('PUT', path, body) as Promise<T>;
  }

  async delete(path: string): Promise<void> {
    await this.#call('DELETE', path);
  }

  /** The first page of a list. */
  async list<T>(path: string): Promise<T[]> {
    return (await this.get<Page<T>>(path)).results;
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.#send(method, `/api/v1${path}`, {
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async #send(method: string, path: string, request: RequestInit): Promise<unknown> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const response = await fetch(`${this.baseUrl}${path}`, { method, ...request });
      const text = await response.text();
      if (response.ok) return text === '' ? undefined : JSON.parse(text);
      if (!RETRIED.has(response.status) || Date.now() > until) {
        throw new ApiError(method, path, response.status, parsed(text));
      }
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, Math.min(10, seconds) * 1000));
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
