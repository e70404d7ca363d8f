mod rooms_quick;
