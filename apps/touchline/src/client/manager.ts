import { ApiClient } from './api.ts';
import type { System } from './system.ts';

/** A manager who may create managed athletes, signed in. */
export interface SignedInManager {
  readonly id: number;
  readonly api: ApiClient;
}

export interface ManagerAccount {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly manager_profile: { readonly first_name: string; readonly last_name: string };
}

/** Creates a manager through the API, lets the operator give him the right to create managed athletes, and signs him in. */
export async function createManager(system: System, account: ManagerAccount): Promise<SignedInManager> {
  const { id } = await new ApiClient(system.url).post<{ id: number }>('/managers/', account);
  await system.admin.put(`/managers/${id}/extra-permissions/`, {
    extra_permissions: ['can_create_managed_athletes'],
  });
  return {
    id,
    api: await new ApiClient(system.url).signIn(system.client, account.username, account.password),
  };
}

/** Registers a device as the operator and gives it to the manager from `startTime` on. */
export async function provideDevice(
  system: System,
  manager: SignedInManager,
  serialNumber: string,
  startTime: string,
): Promise<{ id: number; ingestToken: string }> {
  const device = await system.admin.post<{ id: number; ingest_token: string }>('/devices/', {
    serial_number: serialNumber,
  });
  await manager.api.post(`/devices/${device.id}/take-ownership/`, { start_time: startTime });
  return { id: device.id, ingestToken: device.ingest_token };
}
