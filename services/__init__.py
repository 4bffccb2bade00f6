"""The four services, the contracts between them and the chassis they stand on."""
