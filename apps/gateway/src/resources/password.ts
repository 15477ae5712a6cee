import { text } from '@touchline/http';
import * as z from 'zod';

export const passwordInput = z
  .object({
    password: text().meta({
      format: 'password',
      description: 'At least 10 characters; neither the username nor one of the commonest passwords',
    }),
  })
  .meta({ id: 'PasswordRequest' });

export const passwordInputExample = { password: 'SuperPassword$$123' };
